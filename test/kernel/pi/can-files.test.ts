import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { factsScript } from '../../../app/pi/facts-script.ts';
import { parseFacts } from '../../../app/pi/parse-facts.ts';
import { defaultWishes, type PiPlan, type PiWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import { encodeBase64, parseReport } from '../../../app/pi/report.ts';
import type { PiFacts } from '../../../app/pi/facts.ts';
import { spread } from '../../counts.ts';
import { plugBench } from '../plug-bench.ts';
import { bridgeOn, bridgeUid, cacheDir, startPiBench, type PiBench } from './pi-bench.ts';
import { preparePi } from './pi-guest.ts';
import type { PiFlavour } from './pi-image.ts';
import { logIn } from './pi-login.ts';

// Every file that a plan writes or keeps, judged by the real kernel, udev and network stack: the bridge is taken away
// and given back, and what its interface is then must be what the plan promised.

interface Case {
  readonly name: string;
  /** What other guides left, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Makes them take effect, as the guide says. */
  readonly begin?: string;
  readonly wishes?: Partial<PiWishes>;
  /** What the interface is after a re-plug without the plan; to see that these files really are rivals. */
  readonly without?: Partial<Link>;
  /** Does what the next boot, cron or NetworkManager would do with these files: only systemd and udev are in the guest. */
  readonly later?: string;
  /** What the interface is after that, without the plan. */
  readonly rival?: Partial<Link>;
}

interface Link {
  readonly up: boolean;
  readonly queue: number;
  readonly bitrate: number | undefined;
}

const network = '/etc/systemd/network';
const rules = '/etc/udev/rules.d';
const units = '/etc/systemd/system';
const link1024 = '[Match]\nType=can\n\n[Link]\nTransmitQueueLength=1024\n';
const slow = '[Match]\nName=can*\n\n[CAN]\nBitRate=500K\n';
const pin = { pinToUsbSerial: bridgeUid, interfaceName: 'bridge0' } as const;
const bootUnit = (install: string): string =>
  `[Unit]\nAfter=network.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=-/sbin/ip link set can0 up txqueuelen 1000 type can bitrate 500000\n[Install]\nWantedBy=${install}\n`;

const setsIt = (name: string): string =>
  `ip link set ${name} down\nip link set ${name} type can bitrate 500000\nip link set ${name} up txqueuelen 1000\n`;
const another = { up: true, queue: 1000, bitrate: 500_000 };

const scripts: readonly Case[] = [
  {
    name: 'lines of rc.local',
    files: { '/etc/rc.local': `#!/bin/sh\n${setsIt('can0')}exit 0\n` },
    without: { up: false },
    later: '[ ! -x /etc/rc.local ] || /etc/rc.local',
    rival: another,
  },
  {
    name: 'a script that cron starts',
    files: {
      '/usr/local/bin/can-up.sh': `#!/bin/sh\nIFACE=can0\n${setsIt('$IFACE')}`,
      '/etc/cron.d/can': '*/5 * * * * root /usr/local/bin/can-up.sh\n',
    },
    later: `grep -hv '^#' /etc/cron.d/can | sed -E 's/^([^ ]+ ){5}root //' | sh`,
    rival: another,
  },
  {
    name: "a vendor's script and its unit",
    files: {
      '/opt/mks/can_init.sh': `#!/bin/bash\nfor i in can0 can1; do\n${setsIt('$i')}done\nexit 0\n`,
      [`${units}/mks-can.service`]:
        '[Service]\nType=oneshot\nExecStart=/bin/bash /opt/mks/can_init.sh\n[Install]\nWantedBy=multi-user.target\n',
    },
    begin: 'systemctl daemon-reload; systemctl enable mks-can.service',
    later: '! systemctl -q is-enabled mks-can.service || systemctl restart mks-can.service',
    rival: another,
  },
  {
    name: "a script of NetworkManager's dispatcher",
    files: { '/etc/NetworkManager/dispatcher.d/90-can': `#!/bin/sh\n${setsIt('can0')}` },
    later: '/etc/NetworkManager/dispatcher.d/90-can can0 up',
    rival: another,
  },
];

const cases: Readonly<Record<PiFlavour, readonly Case[]>> = {
  networkd: [
    ...scripts,
    { name: 'nothing', files: {}, without: { up: false } },
    {
      name: "a guide's .link and .network files",
      files: { [`${network}/10-can.link`]: link1024, [`${network}/25-can.network`]: slow },
      without: { up: true, queue: 1024, bitrate: 500_000 },
    },
    {
      name: 'files of a package, for the driver',
      files: {
        '/usr/lib/systemd/network/70-can.link': link1024.replace('Type=can', 'Driver=gs_usb'),
        '/usr/lib/systemd/network/70-can.network': slow.replace('Name=can*', 'Driver=gs_usb'),
      },
      without: { up: true, queue: 1024, bitrate: 500_000 },
    },
    {
      name: 'drop-ins',
      files: {
        [`${network}/10-can.link`]: '[Match]\nOriginalName=can*\n',
        [`${network}/10-can.link.d/queue.conf`]: '[Link]\nTransmitQueueLength=512\n',
        '/run/systemd/network/20-can.network': '[Match]\nType=can\n\n[CAN]\nBitRate=1M\n',
        [`${network}/20-can.network.d/rate.conf`]: '[CAN]\nBitRate=250K\n',
      },
      without: { up: true, queue: 512, bitrate: 250_000 },
    },
    {
      name: 'a file that takes every other interface',
      files: { [`${network}/05-rest.network`]: '[Match]\nName=c*\n\n[Network]\nDHCP=no\n' },
    },
    {
      name: 'udev rules that run something',
      files: {
        [`${rules}/99-can.rules`]:
          'SUBSYSTEM=="net", ACTION=="add", KERNEL=="can0", RUN+="/sbin/ip link set $name type can bitrate 500000", \\\n  RUN+="/sbin/ip link set $name up txqueuelen 1000"\n',
      },
      without: { up: true, queue: 1000, bitrate: 500_000 },
    },
    {
      name: 'rules of a package for the queue',
      files: {
        '/usr/lib/udev/rules.d/85-can.rules': 'SUBSYSTEM=="net", KERNEL=="can*", ATTR{tx_queue_len}="1000"\n',
      },
      without: { queue: 1000 },
    },
    {
      name: 'a unit that follows the device with another rate',
      files: {
        [`${units}/can0.service`]: bootUnit('sys-subsystem-net-devices-can0.device').replace(
          'RemainAfterExit=yes\n',
          '',
        ),
      },
      begin: 'systemctl daemon-reload; systemctl enable can0.service',
      without: { up: true, queue: 1000, bitrate: 500_000 },
    },
    {
      name: 'a name of its own beside a guide of another interface',
      files: { [`${network}/10-can.link`]: link1024, [`${network}/25-can.network`]: slow },
      wishes: pin,
    },
    {
      name: 'a name of its own beside files that come very early',
      files: {
        [`${network}/00-a.link`]: link1024,
        [`${network}/00-a.network`]: slow.replace('Name=can*', 'Type=can'),
      },
      wishes: pin,
    },
    {
      name: 'the unit of Canopus',
      files: { [`${network}/10-can.link`]: link1024 },
      wishes: { stack: 'unit' },
    },
  ],
  ifupdown: [
    {
      name: "a guide's stanza",
      files: {
        '/etc/network/interfaces.d/can0':
          'allow-hotplug can0\niface can0 can static\n  bitrate 500000\n  up ip link set $IFACE txqueuelen 1024\n',
      },
      without: { up: true, queue: 1024, bitrate: 500_000 },
    },
    {
      name: 'a stanza that is sourced by what is sourced, with lines that go on',
      files: {
        '/etc/network/interfaces.d/more': 'source-directory ../can.d\n',
        '/etc/network/can.d/can': 'allow-hotplug eth9 \\\n  can0\niface can0 can static\n  bitrate 500000\n',
      },
      without: { up: true, bitrate: 500_000 },
    },
    {
      name: 'a .link file and rules that run ifup',
      files: {
        [`${network}/10-can.link`]: link1024,
        [`${rules}/99-can.rules`]:
          'SUBSYSTEM=="net", ACTION=="add", KERNEL=="can0", RUN+="/sbin/ip link set can0 up type can bitrate 500000"\n',
      },
      without: { up: true, queue: 1024, bitrate: 500_000 },
    },
    { name: 'a name of its own', files: { [`${network}/10-can.link`]: link1024 }, wishes: pin },
  ],
};

const promised = { up: true, queue: 128, bitrate: 1_000_000 };

const flavours = ['networkd', 'ifupdown'] as const satisfies PiFlavour[];

/** A case takes half a minute of an emulated machine: the long run has them all. */
const sample = (all: readonly Case[]): Case[] => {
  const chosen = spread(all.length, 5);
  return all.filter((_, index) => chosen.includes(index));
};

beforeAll(async () => {
  for (const flavour of flavours) await preparePi(cacheDir, flavour);
}, 900_000);

describe.concurrent.each(flavours)('files for can0, where a real Debian with %s', (flavour) => {
  describe('gets its bridge back', { concurrent: false }, () => {
    let bench: PiBench;
    beforeAll(async () => {
      bench = await startPiBench(flavour);
    }, 600_000);
    afterAll(() => bench[Symbol.asyncDispose]());

    const must = (command: string): Promise<string> => bench.guest.must(command, { timeoutMs: 180_000 });
    const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

    async function look(): Promise<PiFacts> {
      return parseFacts(parseReport(await must(`sh -c ${quoted(factsScript)} sh nonce ''`), 'nonce'));
    }

    /** It begins with "#!". */
    const isProgram = ([first, second]: Uint8Array): boolean => first === 0x23 && second === 0x21;

    async function write(path: string, bytes: Uint8Array | null): Promise<void> {
      const folder = path.slice(0, path.lastIndexOf('/'));
      await must(
        bytes === null
          ? `rm -f ${quoted(path)}`
          : `mkdir -p ${quoted(folder)} && echo ${encodeBase64(bytes)} | base64 -d > ${quoted(path)}${isProgram(bytes) ? ` && chmod 755 ${quoted(path)}` : ''}`,
      );
    }

    const reload = (): Promise<string> =>
      must(
        `udevadm control --reload; systemctl daemon-reload${flavour === 'networkd' ? '; networkctl reload' : ''}`,
      );

    /** The kernel's own way to unplug a device (Documentation/usb/authorization.rst); waits until udev is done. */
    async function replug(interfaceName: string, isUp: boolean, uid = bridgeUid): Promise<Link> {
      const device = await deviceOf(uid);
      await must(`echo 0 > ${device}/authorized; udevadm settle`);
      // A hand takes longer than ifdown; here that would end after the new interface has come up, and take it down.
      const ending = `systemctl list-units --no-legend --state=active,deactivating 'ifup@*'`;
      await bench.guest.until(`[ -z "$(${ending} | grep -v '@lo')" ]`, 60_000);
      await must(`echo 1 > ${device}/authorized`);
      await bench.guest.until(`test -e /sys/class/net/${interfaceName}`, 120_000);
      await must('udevadm settle');
      const flags = `/sys/class/net/${interfaceName}/flags`;
      if (isUp) {
        await bench.guest
          .until(`read f < ${flags} && [ $((f & 1)) = 1 ]`, 60_000)
          .catch(async (cause: unknown) => {
            throw new Error(
              await must(
                `ip -d link; udevadm info /sys/class/net/${interfaceName}; networkctl; journalctl -b --no-pager | tail -40`,
              ),
              { cause },
            );
          });
        // What else waits for the device has its turn.
        await must('sleep 2');
      }
      return linkNow(interfaceName);
    }

    const deviceOf = async (uid: string): Promise<string> =>
      (await must(`grep -l ${uid} /sys/bus/usb/devices/*/serial | head -n 1 | sed s:/serial::`)).trim();

    async function linkNow(interfaceName: string): Promise<Link> {
      const [found] = JSON.parse(await must(`ip -d -j link show ${interfaceName}`)) as [
        { flags: string[]; txqlen: number; linkinfo: { info_data: { bittiming?: { bitrate: number } } } },
      ];
      return {
        up: found.flags.includes('UP'),
        queue: found.txqlen,
        bitrate: found.linkinfo.info_data.bittiming?.bitrate,
      };
    }

    /** The plan's files and commands, done by the test's own hand. */
    async function carryOut(plan: PiPlan): Promise<Map<string, Uint8Array | null>> {
      const before = new Map<string, Uint8Array | null>();
      for (const step of plan.steps) {
        if (step.kind === 'file') {
          before.set(step.path, step.before);
          await write(step.path, step.after);
        } else if (step.kind === 'command') {
          const { exitCode, stderr } = await bench.guest.run(step.argv.map(quoted).join(' '), {
            timeoutMs: 120_000,
          });
          if (step.accepts !== null && exitCode !== 0) throw new Error(`${step.argv.join(' ')}: ${stderr}`);
        }
      }
      return before;
    }

    it.each(sample(cases[flavour]))(
      'beside $name',
      async ({ files, begin, wishes = {}, without, later, rival }) => {
        const all: PiWishes = { ...defaultWishes, ...wishes };
        for (const [path, text] of Object.entries(files)) await write(path, new TextEncoder().encode(text));
        await reload();
        if (begin !== undefined) await must(begin);
        let before = new Map<string, Uint8Array | null>();
        try {
          if (without !== undefined) expect(await replug('can0', without.up === true)).toMatchObject(without);
          if (later !== undefined) {
            await must(later);
            expect(await linkNow('can0')).toMatchObject(rival ?? {});
          }
          const plan = makePlan(await look(), [], all);
          expect(plan.blockers).toEqual([]);
          before = await carryOut(plan);
          const seen = await replug(all.interfaceName, true);
          expect(seen).toEqual(promised);
          if (later !== undefined) {
            await bench.guest.run(later, { timeoutMs: 120_000 });
            expect(await linkNow(all.interfaceName)).toEqual(promised);
          }
          // What was done is enough, and is seen to be.
          expect(makePlan(await look(), [], all).steps).toEqual([]);
        } finally {
          await bench.guest.run(
            `systemctl disable --now can0.service canopus-can0.service mks-can.service; for l in can0 bridge0; do ip link set $l down; done`,
          );
          for (const [path, bytes] of before) await write(path, bytes);
          for (const path of Object.keys(files)) await write(path, null);
          await must('rm -rf /etc/systemd/network/*.d');
          await reload();
          await replug('can0', false);
        }
      },
      400_000,
    );

    if (flavour !== 'networkd') return;

    it('beside a virtual interface of the same name, which the next boot would make first', async () => {
      const file = `${network}/30-can.netdev`;
      const text = '[NetDev]\nName=can0\nKind=vcan\n';
      const device = await deviceOf(bridgeUid);
      /** systemd-networkd starts, then the bridge comes; returns the bridge's interface. */
      const boot = async (): Promise<string> => {
        await must(`echo 0 > ${device}/authorized; udevadm settle; ip link delete can0 2> /dev/null || :`);
        await must(
          'systemctl restart systemd-networkd; networkctl list > /dev/null; udevadm settle; sleep 2',
        );
        await must(`echo 1 > ${device}/authorized`);
        await bench.guest.until(`ls ${device}/*/net > /dev/null 2>&1`, 120_000);
        await must('udevadm settle');
        return (await must(`ls ${device}/*/net`)).trim();
      };
      let before = new Map<string, Uint8Array | null>();
      await write(file, new TextEncoder().encode(text));
      try {
        expect(await boot()).toBe('can1');
        await must('ip link delete can0');
        await replug('can0', false);
        const plan = makePlan(await look(), [], defaultWishes);
        before = await carryOut(plan);
        expect(await boot()).toBe('can0');
        await bench.guest.until(`[ "$(cat /sys/class/net/can0/flags)" != 0x40080 ]`, 60_000);
        await must('sleep 2');
        expect(await linkNow('can0')).toEqual(promised);
      } finally {
        for (const [path, bytes] of before) await write(path, bytes);
        await write(file, null);
        await reload();
        await boot();
      }
    }, 400_000);

    it('beside another adapter, which keeps its own file, whichever comes first', async () => {
      const second = '1A0014000A50534E4E313120';
      const other = bridgeOn('1-2', second);
      const own = `${network}/20-can1.network`;
      await write(
        own,
        new TextEncoder().encode(slow.replace('Name=can*', `Property=ID_SERIAL_SHORT=${second}`)),
      );
      await reload();
      let before = new Map<string, Uint8Array | null>();
      const plugged = await plugBench(bench.guest, other);
      try {
        await bench.guest.until('test -e /sys/class/net/can1', 120_000);
        const all: PiWishes = { ...defaultWishes, ...pin };
        const facts = await look();
        expect(facts.interfaces.map(({ name, usb }) => [name, usb?.serial])).toEqual([
          ['can0', bridgeUid],
          ['can1', second],
        ]);
        const plan = makePlan(facts, [], all);
        expect(plan.blockers).toEqual([]);
        expect(plan.steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []))).not.toContain(own);
        before = await carryOut(plan);
        expect(await replug('bridge0', true)).toEqual(promised);
        // Its old name is free now.
        expect(await replug('can0', true, second)).toMatchObject({ up: true, bitrate: 500_000 });
        expect(await linkNow('bridge0')).toEqual(promised);
      } finally {
        await plugged[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
        for (const [path, bytes] of before) await write(path, bytes);
        await write(own, null);
        await reload();
        await replug('can0', false);
      }
    }, 400_000);

    it('beside a file that only root may read, as the user who logs in', async () => {
      const file = `${network}/25-can.network`;
      await write(file, new TextEncoder().encode(slow));
      await must(`chmod 600 ${file}`);
      await reload();
      const folder = await mkdtemp(join(tmpdir(), 'canopus-guest-'));
      const session = await logIn(bench, folder);
      const ask = (): Promise<string> => Promise.resolve(bench.ssh.password);
      const consent = { askPassword: ask, confirmedIdle: true };
      const follow = async (run: AsyncIterable<unknown>): Promise<void> => {
        for await (const event of run) expect(event).toBeDefined();
      };
      try {
        const hidden = await session.plan(defaultWishes);
        expect(hidden.blockers.map(({ code }) => code)).toContain('pi/file-unreadable');
        const plan = await session.plan(defaultWishes, undefined, { ask });
        expect(plan.blockers.map(({ code }) => code)).not.toContain('pi/file-unreadable');
        await follow(session.apply(plan, consent));
        expect(await replug('can0', true)).toEqual(promised);
        // systemd-networkd may not read it either: another one applies, and this one stays.
        expect(await must(`cat ${file}`)).toBe(slow);
        const { id } = await session.journal(() => true);
        await follow(session.undo(id, false, consent));
        expect(await must(`cat ${file}`)).toBe(slow);
        expect(await must(`stat -c '%a %U' ${file}`)).toBe('600 root\n');
      } finally {
        await session[Symbol.asyncDispose]();
        await rm(folder, { recursive: true, force: true });
        await write(file, null);
        await reload();
        await replug('can0', false);
      }
    }, 400_000);
  });
});
