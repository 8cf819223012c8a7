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
  return pi.at('/stand-ins');
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

describe.each([[['sh']], [['busybox', 'sh']]])('what sets a CAN interface, looked for with %j', (shell) => {
  const ours = {
    '/usr/lib/systemd/network/80-can.link': '[Match]\nType=can\n',
    '/usr/lib/systemd/network/99-default.link': '[Match]\nOriginalName=*\n',
    '/run/systemd/network/10-netplan-can0.network': '[Match]\nName=can0\n',
    '/etc/systemd/network/25-can.network.d/rate.conf': '[CAN]\nBitRate=1M\n',
    '/etc/network/interfaces': 'source can.d/*\n',
    '/etc/network/can.d/a b': 'source-directory /etc/network/more\n',
    '/etc/network/more/can': 'iface can0 can static\n',
    '/usr/lib/udev/rules.d/60-can.rules': 'KERNEL=="can*", ATTR{tx_queue_len}="1000"\n',
    '/usr/lib/systemd/system/can.service': '[Service]\nExecStart=/sbin/ip link set can0 up\n',
    '/etc/init.d/can': 'ip link set can0 up type can bitrate 500000\n',
    '/etc/crontab': '@reboot root ip link set can0 up\n',
    '/usr/local/bin/can up.sh': 'ip link set can0 up\n',
    '/home/pi/scripts/can.sh': 'ip link set can0 up\n',
  };
  /** They name no CAN, but a script that does. */
  const starters = {
    '/etc/cron.d/vendor': '*/5 * * * * root /usr/local/bin/vendor_up\n',
    '/etc/systemd/system/vendor.service': '[Service]\nExecStart=/bin/bash /opt/mks/start.sh\n',
    '/etc/rc.local': '#!/bin/sh\n/usr/local/bin/vendor_up\n',
    '/usr/local/bin/vendor_up': 'ip link set can0 up\n',
    '/opt/mks/start.sh': 'ip link set can0 up\n',
  };
  const others = {
    '/etc/cron.d/other': '*/5 * * * * root /usr/local/bin/other\n',
    '/usr/lib/systemd/network/80-wifi.network': '[Match]\nType=wlan\n',
    '/usr/lib/udev/rules.d/60-scan.rules': 'ENV{SCANNER}="1"\n',
    '/usr/lib/systemd/system/scan.service': '[Service]\nExecStart=/bin/scan\n',
    '/usr/local/bin/other': 'echo scan\n',
  };

  it('is found in every place, and nothing else is taken along', async () => {
    pi = await makeFactsFolder({ ...ours, ...starters, ...others });
    const { files } = await pi.look({ shell });
    for (const path of Object.keys({ ...ours, ...starters }))
      expect([...files.keys()]).toContain(pi.at(path));
    for (const path of Object.keys(others)) expect([...files.keys()]).not.toContain(pi.at(path));
  });

  it('has its udev properties, the states of its units, and the lines of a crontab', async () => {
    pi = await makeFactsFolder({
      ...can0,
      '/etc/systemd/system/can@.service': '[Service]\nExecStart=/sbin/ip link set %i up type can\n',
      '/usr/lib/systemd/system/vendor.service': '[Service]\nExecStart=/sbin/ip link set can0 up\n',
    });
    await pi.link('/etc/systemd/system/multi-user.target.wants/can@can0.service', '../can@.service');
    const path = await tools({
      udevadm: '[ "$5" ] && printf "ID_PATH=usb-1\\nID_SERIAL_SHORT=ABC\\n"',
      crontab: 'printf "@reboot sudo ip link set can0 up\\n0 1 * * * backup\\n"',
      systemctl:
        'for each; do case $each in *can* | vendor*) printf "Id=%s\\nLoadState=loaded\\nUnitFileState=disabled\\n\\n" "$each";; esac; done',
    });
    const facts = await pi.look({ shell, path });
    expect([...(facts.udev.get('can0') ?? [])]).toEqual([
      ['ID_PATH', 'usb-1'],
      ['ID_SERIAL_SHORT', 'ABC'],
    ]);
    // Busybox has a crontab of its own.
    if (shell.length === 1) expect(facts.crontab).toEqual(['@reboot sudo ip link set can0 up']);
    expect(facts.units.get('can@can0.service')).toMatchObject({ exists: true, enabled: 'disabled' });
    expect(facts.units.get('vendor.service')).toMatchObject({ enabled: 'disabled' });
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
