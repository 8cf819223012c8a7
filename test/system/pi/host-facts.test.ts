import { chmod } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { hatOverlays } from '../../../app/pi/hat.ts';
import { makeFactsFolder, type FactsFolder } from './facts-folder.ts';

let pi: FactsFolder;
afterEach(() => pi[Symbol.asyncDispose]());

/** Stand-ins for programs of the Pi, by name; the shell and coreutils are this machine's. */
async function tools(programs: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, body] of Object.entries(programs)) {
    await pi.write({ [`/stand-ins/${name}`]: `#!/bin/sh\n${body}\n` });
    await chmod(pi.at(`/stand-ins/${name}`), 0o755);
  }
  return `${pi.at('/stand-ins')}:${process.env['PATH'] ?? ''}`;
}

const sys = '/sys/class/net/can0';
const can0 = {
  [`${sys}/type`]: '280\n',
  [`${sys}/ifindex`]: '5\n',
  [`${sys}/flags`]: '0x10041\n',
  [`${sys}/tx_queue_len`]: '128\n',
  [`${sys}/statistics/rx_packets`]: '10\n',
  [`${sys}/statistics/tx_packets`]: '20\n',
};

describe.each([[['sh']], [['busybox', 'sh']]])('the system, looked at with %j', (shell) => {
  it.each([
    [
      'busybox',
      'echo "3: can0: <NOARP,UP,LOWER_UP> mtu 16 qdisc pfifo_fast qlen 128"; echo "    link/[280]"',
    ],
    ['iproute2 before 4.14', 'echo "Option \\"-j\\" is unknown, try \\"ip -help\\"." >&2; exit 255'],
  ])('has its interfaces from /sys where ip prints no JSON: %s', async (_, ip) => {
    pi = await makeFactsFolder(can0);
    const facts = await pi.look({ shell, path: await tools({ ip }) });
    expect(facts.ipJson).toBe(false);
    expect(facts.interfaces).toMatchObject([
      { name: 'can0', index: 5, up: true, txQueueLength: 128, bitrateBps: null, rxFrames: 10, txFrames: 20 },
    ]);
  });

  it('has room and a right clock as they are on this machine', async () => {
    pi = await makeFactsFolder();
    const facts = await pi.look({ shell });
    expect(facts.clockSkewSeconds).toBeGreaterThan(-60);
    expect(facts.clockSkewSeconds).toBeLessThan(60);
    for (const { freeKiB } of facts.room) expect(freeKiB).toBeGreaterThan(0);
  });

  it('shows the overlays of boards other than the Raspberry Pi', async () => {
    pi = await makeFactsFolder({ '/boot/BoardEnv.txt': 'overlays=tft35_spi mcp2515\n' });
    expect(hatOverlays(await pi.look({ shell })).map(({ text }) => text)).toEqual([
      'overlays=tft35_spi mcp2515',
    ]);
  });
});

// Busybox takes its own applets before any stand-in.
describe('the system, with stand-ins for programs', () => {
  it('has them from ip where that prints JSON', async () => {
    pi = await makeFactsFolder(can0);
    const ip = `echo '[{"ifindex":5,"ifname":"can0","flags":["UP"],"txqlen":10,"link_type":"can"}]'`;
    const facts = await pi.look({ path: await tools({ ip }) });
    expect([facts.ipJson, facts.interfaces[0]?.txQueueLength]).toEqual([true, 10]);
  });

  it('says how its clock, its words and its disks are', async () => {
    pi = await makeFactsFolder({
      '/proc/mounts': 'overlay / overlay rw,lowerdir=/lower,upperdir=/upper/data 0 0\n',
      '/proc/cmdline': 'console=tty1 boot=overlay\n',
      '/tmp/.keep': '',
    });
    const df = `case $1 in
-Pk) printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/root 100 88 12 88%% /\\n' ;;
-Pi) printf 'Filesystem Inodes IUsed IFree IUse%% Mounted on\\n/dev/root 1000 993 7 99%% /\\n' ;;
esac`;
    const path = await tools({ df, date: 'echo 1000000000', getconf: 'echo 32' });
    const facts = await pi.look({ path });
    expect(facts.wordBits).toBe(32);
    expect(facts.clockSkewSeconds).toBeLessThan(-700_000_000);
    expect(facts.bootOptions).toEqual(['console=tty1', 'boot=overlay']);
    expect(facts.mounts).toMatchObject([{ point: '/', type: 'overlay' }]);
    expect(facts.room).toEqual(
      ['/', '/tmp', '/home/pi'].map((folder) => ({ folder: pi.at(folder), freeKiB: 12, freeInodes: 7 })),
    );
  });

  it('may keep its files with owners and groups that have blanks in their names', async () => {
    pi = await makeFactsFolder({ '/home/pi/printer.cfg': '[mcu]\n' });
    const stat = `case $2 in *%U*) printf '6 644\\nAD\\\\jane doe\\ndomain users\\n' ;; esac`;
    const { files } = await pi.look({ path: await tools({ stat }) });
    expect(files.get(pi.at('/home/pi/printer.cfg'))).toMatchObject({
      owner: 'AD\\jane doe',
      group: 'domain users',
    });
  });
});
