import { describe, expect, it } from 'vitest';
import { examine } from '../../../app/pi/doctor.ts';
import type { UnitFacts } from '../../../app/pi/facts.ts';
import { defaultWishes, type PiWishes } from '../../../app/pi/plan-types.ts';
import {
  bridgeUid,
  bridgeUsb,
  can0,
  commandsOf,
  contentsAfter,
  examinedAs,
  fileSteps,
  piFacts,
  planFor,
  printerCfg,
  type PiLike,
} from '../../fixtures/pi-facts.ts';

const network = '/etc/systemd/network';
const rules = '/etc/udev/rules.d';
const can1 = { ...can0, name: 'can1', index: 6, usb: { ...bridgeUsb, busPort: '1-1.3', serial: 'A' } };
const setUp = {
  [`${network}/25-can.network`]:
    '[Match]\nName=can0\n\n[CAN]\nBitRate=1000000\n\n[Link]\nRequiredForOnline=no\n',
};

/** The files that a plan for the network alone changes. */
const changed = (pi: PiLike, wishes: Partial<PiWishes> = {}) =>
  contentsAfter(planFor(pi, { boards: [], ...wishes }));

const notes = (pi: PiLike, wishes: Partial<PiWishes> = {}): string =>
  planFor(pi, { boards: [], ...wishes })
    .notes.map(({ text }) => text)
    .join('\n');

function stackOf(pi: PiLike) {
  const facts = piFacts(pi);
  const checks = examine({ facts, printers: examinedAs(facts), wishes: defaultWishes });
  return checks.find(({ id }) => id === 'stack');
}

describe('a .link file', () => {
  const guide = '[Match]\nType=can\n\n[Link]\nTransmitQueueLength=1024\n';

  it.each([
    ['of a guide', `${network}/10-can.link`, guide],
    ['for the driver', `${network}/70-gs.link`, '[Match]\nDriver=gs_usb\n[Link]\nTransmitQueueLength=256\n'],
    ['for the name', `${network}/can.link`, '[Match]\nOriginalName=can*\n[Link]\nTransmitQueueLength=1000\n'],
    [
      'for the chip',
      `${network}/x.link`,
      `[Match]\nProperty=ID_SERIAL_SHORT=${bridgeUid}\n[Link]\nTransmitQueueLength=1\n`,
    ],
    ['in a drop-in', `${network}/10-can.link.d/queue.conf`, '[Link]\nTransmitQueueLength=1024\n'],
  ])('%s sets the queue length after udev rules do, so it is corrected', (_, path, text) => {
    const main = path.includes('.d/') ? { [`${network}/10-can.link`]: '[Match]\nType=can\n' } : {};
    const after = changed({ files: { ...setUp, ...main, [path]: text } });
    expect(after[path]).toBe(text.replace(/Length=\d+/, 'Length=128'));
    // It is enough: no rule beside it.
    expect(after[`${rules}/10-can.rules`]).toBeUndefined();
  });

  it('of a package or of the running system is corrected by a copy in /etc', () => {
    for (const folder of [
      '/run/systemd/network',
      '/usr/lib/systemd/network',
      '/usr/local/lib/systemd/network',
    ]) {
      const after = changed({ files: { ...setUp, [`${folder}/10-can.link`]: guide } });
      expect(after[`${network}/10-can.link`]).toContain('TransmitQueueLength=128');
    }
  });

  it('that does not count is left alone: another comes first, a mask, another device, an old systemd', () => {
    const other = { [`${network}/80-can.link`]: guide };
    const first = { [`${network}/10-can.link`]: guide.replace('1024', '128') };
    expect(changed({ files: { ...setUp, ...other, ...first } })).toEqual({});
    const vendors = { '/usr/lib/systemd/network/80-can.link': guide };
    expect(Object.keys(changed({ files: { ...setUp, ...vendors, [`${network}/80-can.link`]: '' } }))).toEqual(
      [`${rules}/10-can.rules`],
    );
    const mask = { path: `${network}/80-can.link`, realPath: '/dev/null', why: 'no-file' } as const;
    const masked = { files: { ...setUp, ...vendors }, facts: { unread: new Map([[mask.path, mask]]) } };
    expect(Object.keys(changed(masked))).toEqual([`${rules}/10-can.rules`]);
    const hat = { [`${network}/10-hat.link`]: guide.replace('Type=can', 'Driver=mcp251x') };
    expect(Object.keys(changed({ files: { ...setUp, ...hat } }))).toEqual([`${rules}/10-can.rules`]);
    expect(Object.keys(changed({ files: { ...setUp, ...other }, facts: { systemd: 247 } }))).toEqual([
      `${rules}/10-can.rules`,
    ]);
  });

  it('that another interface has, too, keeps its length: a rule comes after it', () => {
    const pi = {
      files: { ...setUp, [`${network}/10-can.link`]: guide },
      facts: { interfaces: [can0, can1] },
    };
    expect(changed(pi)).toEqual({
      [`${rules}/90-canopus-can0.rules`]:
        'SUBSYSTEM=="net", ACTION=="add|change", ATTR{type}=="280", KERNEL=="can0", ATTR{tx_queue_len}="128"\n',
    });
  });

  it.each([`${network}/10-can.link`, `${network}/00-can.link`, `${network}/00-a.link`])(
    'does not keep a fixed name from counting: %s',
    (path) => {
      const after = changed(
        { files: { [path]: guide } },
        { pinToUsbSerial: bridgeUid, interfaceName: 'bridge0' },
      );
      const own = Object.keys(after).find((each) => each.endsWith('-canopus-bridge0.link')) ?? '';
      expect(own < path).toBe(true);
      expect(after[own]).toContain('Name=bridge0\nTransmitQueueLength=128\n');
    },
  );

  it('of an earlier Canopus goes for the one that comes first', () => {
    const earlier = `${network}/10-canopus-bridge0.link`;
    const text = `[Match]\nProperty=ID_SERIAL_SHORT=${bridgeUid}\nDriver=gs_usb\n\n[Link]\nName=bridge0\n`;
    const after = changed(
      { files: { [earlier]: text } },
      { pinToUsbSerial: bridgeUid, interfaceName: 'bridge0' },
    );
    expect(after[earlier]).toBeNull();
    expect(after[`${network}/00-canopus-bridge0.link`]).toContain('Name=bridge0');
  });

  it('gives a name to one board only', () => {
    const path = `${network}/00-canopus-bridge0.link`;
    const files = { [path]: '[Match]\nProperty=ID_SERIAL_SHORT=ABC123\n[Link]\nName=bridge0\n' };
    const wishes = { pinToUsbSerial: bridgeUid, interfaceName: 'bridge0', boards: [] };
    const away = contentsAfter(planFor({ files }, wishes));
    expect(Object.values(away).filter((text) => text?.includes(bridgeUid))).toHaveLength(1);
    expect(Object.values(away).filter((text) => text?.includes('ABC123'))).toEqual([]);
    const here = { files, facts: { usb: [bridgeUsb, { ...bridgeUsb, serial: 'ABC123' }] } };
    expect(planFor(here, wishes).blockers).toMatchObject([{ code: 'pi/name-taken' }]);
  });
});

describe('a .network file', () => {
  const of = (match: string): string => `[Match]\n${match}\n\n[CAN]\nBitRate=500K\n`;
  const udev = new Map([
    [
      'can0',
      new Map([
        ['ID_PATH', 'platform-fd500000.pcie-usb-0:1.2:1.0'],
        ['ID_SERIAL_SHORT', bridgeUid],
      ]),
    ],
  ]);

  it.each([
    'Name=can*',
    'Name=eth0 can0',
    'Name=!can1',
    'Name=can[0-3]',
    'Type=can',
    'Kind=can',
    'Driver=gs_usb',
    'Driver=mcp251x gs_usb',
    `Property=ID_SERIAL_SHORT=${bridgeUid}`,
    `Property="ID_SERIAL_SHORT=${bridgeUid}"`,
    'Path=*-usb-0:1.2:1.0',
    'Type=can\nDriver=gs_usb\nName=can0',
    'Host=voron\nName=can0',
  ])('is found by %s and corrected', (match) => {
    const path = `${network}/80-mine.network`;
    const after = changed({ files: { [path]: of(match) }, facts: { udev } });
    expect(after[path]).toContain('BitRate=1000000');
    expect(Object.keys(after).filter((each) => each.endsWith('.network'))).toEqual([path]);
  });

  it.each([
    'Name=can1',
    'Name=!can0',
    'Type=ether',
    'Driver=mcp251x',
    'Property=ID_SERIAL_SHORT=OTHER',
    'Path=pci-*',
    'MACAddress=02:00:00:00:00:01',
    'Type=!can',
    'Host=other\nName=can0',
    '# nothing',
  ])('is not for this interface by %s', (match) => {
    const path = `${network}/80-mine.network`;
    const after = changed({ files: { [path]: of(match) }, facts: { udev } });
    expect(after).not.toHaveProperty([path]);
    expect(after[`${network}/25-can.network`]).toContain('Name=can0');
  });

  it('is corrected where it says it: in a drop-in, or in a copy of what a package brought', () => {
    const dropIn = `${network}/25-can.network.d/rate.conf`;
    const files = { ...setUp, [dropIn]: '[CAN]\nBitRate=250000\n' };
    expect(changed({ files })[dropIn]).toBe('[CAN]\nBitRate=1000000\n');
    const vendor = '/usr/lib/systemd/network/25-can.network';
    const after = changed({ files: { [vendor]: of('Name=can0') } });
    expect(after[`${network}/25-can.network`]).toContain('BitRate=1000000');
    expect(after).not.toHaveProperty([vendor]);
  });

  it('of netplan, made anew at every boot, gives way to one in /etc', () => {
    const path = '/run/systemd/network/10-netplan-can0.network';
    const after = changed({ files: { [path]: of('Name=can0') } });
    expect(after[`${network}/10-netplan-can0.network`]).toContain('BitRate=1000000');
  });

  it('that two interfaces share keeps the rate of the other one', () => {
    const files = { [`${network}/25-can.network`]: of('Name=can*') };
    const after = changed({ files, facts: { interfaces: [can0, can1] } });
    expect(after).not.toHaveProperty([`${network}/25-can.network`]);
    const own = Object.keys(after).find((each) => each.endsWith('canopus-can0.network')) ?? '';
    expect(own < `${network}/25-can.network`).toBe(true);
    expect(after[own]).toContain('Name=can0\n\n[CAN]\nBitRate=1000000');
  });

  it('of a virtual interface with the same name is taken out', () => {
    const path = `${network}/can.netdev`;
    expect(changed({ files: { ...setUp, [path]: '[NetDev]\nName=can0\nKind=vcan\n' } })[path]).toBeNull();
  });

  it('that systemd-networkd may not read has no effect, and another one is written', () => {
    const path = `${network}/25-can.network`;
    const before = piFacts({ files: { [path]: setUp[path] } });
    const withMode = (mode: number, group: string): PiLike => {
      const file = before.files.get(path);
      if (file === undefined) throw new Error('no file');
      return { facts: { files: new Map([...before.files, [path, { ...file, mode, group }]]) } };
    };
    const deaf = withMode(0o600, 'root');
    expect(Object.keys(changed(deaf))).toContain(`${network}/25-canopus-can0.network`);
    expect(changed(deaf)).not.toHaveProperty([path]);
    expect(notes(deaf)).toContain(`${path} has no effect: systemd-networkd runs as the user systemd-network`);
    expect(stackOf(deaf)).toMatchObject({
      verdict: 'wrong',
      answer: expect.stringContaining('may not read it') as string,
    });
    for (const heard of [withMode(0o640, 'systemd-network'), withMode(0o644, 'root')]) {
      expect(stackOf(heard)).toMatchObject({ verdict: 'fine' });
    }
  });

  it('that may not be read stops the plan, which does not write beside it', () => {
    for (const name of ['25-can.network', '05-candlelight.network', '10-can.link']) {
      const path = `${network}/${name}`;
      const unread = new Map([[path, { path, realPath: path, why: 'not-readable' as const }]]);
      const plan = planFor({ facts: { unread } }, { boards: [] });
      expect(plan.blockers[0]).toMatchObject({ code: 'pi/file-unreadable' });
      expect(plan.blockers[0]?.text).toContain(path);
      expect(fileSteps(plan).map((step) => step.path)).not.toContain(path);
    }
  });
});

it('names other files that may not be read, which may be about anything', () => {
  const path = '/etc/systemd/network/50-wireguard.network';
  const unread = new Map([[path, { path, realPath: path, why: 'not-readable' as const }]]);
  expect(planFor({ facts: { unread } }, { boards: [] }).blockers).toEqual([]);
  expect(notes({ facts: { unread } })).toContain(path);
});

describe('a plan for another interface', () => {
  const wishes = { pinToUsbSerial: bridgeUid, interfaceName: 'bridge0' };

  it('writes no file that configures the first one', () => {
    const u2c = '[Match]\nName=can*\n\n[CAN]\nBitRate=500K\n';
    const queue = 'SUBSYSTEM=="net", KERNEL=="can0", ATTR{tx_queue_len}="1024"\n';
    const files = { [`${network}/25-can.network`]: u2c, [`${rules}/10-can.rules`]: queue };
    const facts = {
      interfaces: [
        { ...can1, name: 'can0' },
        { ...can0, name: 'can1' },
      ],
    };
    const after = changed({ files, facts }, wishes);
    expect(Object.keys(after).sort()).toEqual([
      `${network}/00-canopus-bridge0.link`,
      `${network}/25-canopus-bridge0.network`,
    ]);
  });

  it('keeps the files of ifupdown and the units of the first one', () => {
    const folder = '/etc/network/interfaces.d';
    const taken = { [`${folder}/bridge0`]: 'auto eth1\niface eth1 inet dhcp\n' };
    const after = changed({ flavour: 'ifupdown', files: taken }, wishes);
    expect(after).not.toHaveProperty([`${folder}/bridge0`]);
    expect(after[`${folder}/canopus-bridge0`]).toContain('iface bridge0 can static');
    const unit = {
      '/etc/systemd/system/canopus-can0.service': '[Service]\nExecStart=/sbin/ip link set can0 up\n',
    };
    const bare = changed({ flavour: 'bare', files: unit }, wishes);
    expect(Object.keys(bare)).not.toContain('/etc/systemd/system/canopus-can0.service');
    expect(bare['/etc/systemd/system/canopus-bridge0.service']).toContain('bridge0');
  });

  it('does not take a name whose file cannot be read', () => {
    const path = '/etc/network/interfaces.d/can0';
    const unread = new Map([[path, { path, realPath: path, why: 'not-readable' as const }]]);
    const plan = planFor({ flavour: 'ifupdown', facts: { unread } }, { boards: [] });
    expect(plan.blockers).toMatchObject([{ code: 'pi/file-unreadable' }]);
    expect(fileSteps(plan).map((step) => step.path)).not.toContain(path);
  });
});

describe('udev rules that run something', () => {
  const run = (command: string): string =>
    `SUBSYSTEM=="net", ACTION=="add", KERNEL=="can0", RUN+="${command}"\n`;

  it.each([
    ['/sbin/ip link set can0 up type can bitrate 500000'],
    ['/sbin/ip link set $name up type can bitrate 500000'],
    ["/bin/sh -c 'ip link set %k type can bitrate 500000; ip link set %k up'"],
    ['/sbin/ifup can0'],
    ['/usr/local/bin/can-up.sh can0'],
  ])('are rivals, and taken out: %s', (command) => {
    const path = `${rules}/99-can.rules`;
    const pi = { files: { ...setUp, [path]: run(command) } };
    expect(changed(pi)[path]).toBe(`#${run(command)}`);
    expect(notes(pi)).toContain(`${path} has udev bring can0 up`);
    expect(changed(pi, { removeRivals: false })).not.toHaveProperty([path]);
  });

  it('keep what else they do, over several lines', () => {
    const path = `${rules}/99-can.rules`;
    const text =
      'SUBSYSTEM=="net", KERNEL=="can*", ATTR{tx_queue_len}="1024", \\\n  RUN+="/sbin/ip link set can0 up type can bitrate 500000"\n# end\n';
    expect(changed({ files: { ...setUp, [path]: text } })[path]).toBe(
      '#SUBSYSTEM=="net", KERNEL=="can*", ATTR{tx_queue_len}="1024",\n#  RUN+="/sbin/ip link set can0 up type can bitrate 500000"\n' +
        'SUBSYSTEM=="net", KERNEL=="can*", ATTR{tx_queue_len}="128"\n# end\n',
    );
  });

  it('set the queue length last, after every file', () => {
    const path = `${rules}/99-can.rules`;
    const text = run('/sbin/ip link set can0 txqueuelen 1000');
    expect(changed({ files: { ...setUp, [path]: text } })[path]).toBe(text.replace('1000', '128'));
    const old = run('/sbin/ifconfig can0 txqueuelen 1000');
    expect(changed({ files: { ...setUp, [path]: old } })[path]).toContain('ip link set can0 txqueuelen 128');
  });

  it('of a package are changed by a copy in /etc', () => {
    const text = 'SUBSYSTEM=="net", KERNEL=="can*", ATTR{tx_queue_len}="1024"\n';
    const after = changed({ files: { ...setUp, '/usr/lib/udev/rules.d/60-can.rules': text } });
    expect(after).toEqual({ [`${rules}/60-can.rules`]: text.replace('1024', '128') });
  });

  it.each([
    'SUBSYSTEM=="net", KERNEL=="can1", RUN+="/sbin/ip link set can1 up"\n',
    'SUBSYSTEM=="net", KERNEL=="eth*", RUN+="/usr/local/bin/scan.sh"\n',
    'SUBSYSTEM=="net", KERNEL=="can*", KERNEL!="can0", ATTR{tx_queue_len}="1000"\n',
    '#SUBSYSTEM=="net", KERNEL=="can0", RUN+="/sbin/ip link set can0 up"\n',
  ])('for something else stay: %s', (text) => {
    expect(changed({ files: { ...setUp, [`${rules}/99-x.rules`]: text } })).not.toHaveProperty([
      `${rules}/99-x.rules`,
    ]);
  });

  it('alone bring it up whenever it appears', () => {
    const files = { [`${rules}/99-can.rules`]: run('/sbin/ip link set can0 up type can bitrate 500000') };
    expect(stackOf({ files })).toMatchObject({ verdict: 'fine' });
  });
});

describe('what brings can0 up at boot only', () => {
  const unit = (more: string, install = 'multi-user.target'): string =>
    `[Unit]\n${more}\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/sbin/ip link set can0 up type can bitrate 1000000\n[Install]\nWantedBy=${install}\n`;
  const device = 'sys-subsystem-net-devices-can0.device';
  const path = '/etc/systemd/system/can0.service';
  const units = (enabled: string): ReadonlyMap<string, UnitFacts> =>
    new Map([
      ...piFacts().units,
      ['can0.service', { name: 'can0.service', exists: true, active: true, enabled }],
    ]);

  it.each([
    ['a unit of Esoterical/voron_canbus#114', { [path]: unit('After=network.target') }],
    [
      'one that waits for the device, but stays active without it',
      { [path]: unit(`After=${device}`, device) },
    ],
    ['rc.local', { '/etc/rc.local': '#!/bin/sh\nip link set up can0 type can bitrate 1000000\nexit 0\n' }],
    ['cron', { '/etc/cron.d/can': '@reboot root /sbin/ip link set can0 up type can bitrate 1000000\n' }],
    ['an interface that is auto', {}],
  ])('is told from what follows the device: %s', (name, files) => {
    const auto = name.includes('auto');
    const stanza = {
      '/etc/network/interfaces.d/can0': 'auto can0\niface can0 can static\n bitrate 1000000\n',
    };
    const pi: PiLike = { flavour: auto ? 'ifupdown' : 'networkd', files: auto ? stanza : files };
    expect(stackOf(pi)).toMatchObject({
      verdict: 'wrong',
      answer: expect.stringMatching(/^At boot only: .*After FIRMWARE_RESTART.*stays down\.$/) as string,
      fix: { kind: 'plan' },
    });
  });

  it('is not a unit that ends with its device, or ends at once', () => {
    expect(stackOf({ files: { [path]: unit(`BindsTo=${device}`, device) } })?.verdict).toBe('fine');
    const ends = unit('', device).replace('RemainAfterExit=yes\n', '');
    expect(stackOf({ files: { [path]: ends } })?.verdict).toBe('fine');
    const template = '/etc/systemd/system/can@.service';
    const instance = unit(
      'BindsTo=sys-subsystem-net-devices-%i.device',
      'sys-subsystem-net-devices-%i.device',
    );
    expect(stackOf({ files: { [template]: instance.replaceAll('can0', '%i') } })?.verdict).toBe('fine');
  });

  it('is a crontab, which has to be changed by hand', () => {
    const facts = { crontab: ['@reboot sudo ip link set can0 up type can bitrate 1000000'] };
    expect(stackOf({ facts })?.answer).toMatch(/^At boot only: The crontab of pi/);
    expect(notes({ facts })).toContain('crontab -e');
  });

  it('does nothing where its unit is not enabled', () => {
    expect(stackOf({ files: { [path]: unit('') }, facts: { units: units('disabled') } })).toMatchObject({
      verdict: 'wrong',
      answer: `No: ${path} is a unit that brings can0 up, but it is not enabled.`,
    });
  });

  it('is switched off by the plan, and on again by its undo', () => {
    const plan = planFor({ files: { [path]: unit('') }, facts: { units: units('enabled') } }, { boards: [] });
    expect(commandsOf(plan)).toContain('systemctl disable --now can0.service');
    expect(contentsAfter(plan)[`${network}/25-can.network`]).toBeDefined();
  });

  it('is masked where a package brought it and something else starts it', () => {
    const files = { '/usr/lib/systemd/system/can0.service': unit('').replace(/\[Install\][^]*/, '') };
    const plan = planFor({ files, facts: { units: units('static') } }, { boards: [] });
    expect(commandsOf(plan)).toContain('systemctl mask --now can0.service');
  });
});

describe('scripts of vendors', () => {
  const script = '/usr/local/bin/can_init.sh';
  const text =
    '#!/bin/bash\nIFACE=can0\nif [ -e /sys/class/net/$IFACE ]; then\n  ip link set $IFACE up type can bitrate 500000\nfi\n';
  const starter = '/etc/systemd/system/vendor.service';
  const unit = `[Service]\nExecStart=${script}\n[Install]\nWantedBy=multi-user.target\n`;

  it('are found by what starts them, and lose the lines in question', () => {
    const pi = { files: { [script]: text, [starter]: unit } };
    expect(stackOf(pi)?.answer).toMatch(/^At boot only/);
    expect(commandsOf(planFor(pi, { boards: [] }))).toContain('systemctl disable --now vendor.service');
    const rc = { files: { [script]: text, '/etc/rc.local': `#!/bin/sh\n${script}\n` } };
    expect(notes(rc)).toContain(`/etc/rc.local starts it`);
    expect(changed(rc)[script]).toContain('then\n  : #ip link set $IFACE up type can bitrate 500000\nfi\n');
  });

  it('lose the lines that take the interface down, too: nothing would bring it up again', () => {
    const files = {
      ...setUp,
      '/etc/rc.local':
        '#!/bin/sh\nip link set can0 down || true\nip link set can0 up type can bitrate 500000\nip link set can1 down\nexit 0\n',
    };
    expect(changed({ files })['/etc/rc.local']).toBe(
      '#!/bin/sh\n#ip link set can0 down || true\n#ip link set can0 up type can bitrate 500000\nip link set can1 down\nexit 0\n',
    );
    const only = { ...setUp, '/etc/rc.local': '#!/bin/sh\nip link set can0 down\nexit 0\n' };
    expect(changed({ files: only })['/etc/rc.local']).toBe('#!/bin/sh\n#ip link set can0 down\nexit 0\n');
    // What runs at the end of something is no start.
    const hook = { ...setUp, '/etc/network/if-down.d/can': '#!/bin/sh\nip link set can0 down\n' };
    expect(changed({ files: hook })).not.toHaveProperty(['/etc/network/if-down.d/can']);
  });

  it('stay where the same lines set another interface that is there', () => {
    const loop = '#!/bin/sh\nfor i in can0 can1; do\n  ip link set $i up type can bitrate 500000\ndone\n';
    const files = { ...setUp, '/etc/rc.local': loop };
    const pi = { files, facts: { interfaces: [can0, can1] } };
    expect(changed(pi)).not.toHaveProperty(['/etc/rc.local']);
    expect(notes(pi)).toContain('The lines are for can1, too: take can0 out of them by hand.');
    expect(changed({ files })['/etc/rc.local']).toContain('do\n  : #ip link set $i up');
  });

  it('stay where nothing starts them, or where a line is a part of a larger command', () => {
    expect(changed({ files: { ...setUp, [script]: text } })).not.toHaveProperty([script]);
    const rc = '#!/bin/sh\nip link set can0 down && \\\n  ip link set can0 up type can bitrate 500000\n';
    const pi = { files: { ...setUp, '/etc/rc.local': rc } };
    expect(changed(pi)).not.toHaveProperty(['/etc/rc.local']);
    expect(notes(pi)).toContain('take them out by hand');
  });
});

describe('ifupdown in any form', () => {
  const main = '/etc/network/interfaces';
  const pi = (files: Record<string, string>): PiLike => ({ flavour: 'ifupdown', files });

  it.each([
    [
      'in the main file',
      { [main]: 'auto lo\nallow-hotplug can0\niface can0 can static\n\tbitrate 500000\n' },
    ],
    [
      'sourced from elsewhere',
      {
        [main]: 'source can.d/*.cfg\n',
        '/etc/network/can.d/a.cfg': 'allow-hotplug can0\niface can0 can static\n bitrate 500000\n',
      },
    ],
    [
      'sourced by what is sourced',
      {
        [main]: 'source /etc/network/interfaces.d/*\n',
        '/etc/network/interfaces.d/x': 'source-directory ../more\n',
        '/etc/network/more/can': 'allow-hotplug /can*\niface can0 can static\n bitrate 500000\n',
      },
    ],
    [
      'with lines that go on',
      {
        [main]:
          'allow-hotplug eth0 \\\n  can0\niface can0 can static\n bitrate 500000\n up ip link set \\\n   $IFACE txqueuelen 1024\n',
      },
    ],
  ])('is corrected where it is: %s', (_, files) => {
    const after = changed(pi(files));
    const [path] = Object.keys(after);
    expect(path === undefined ? [] : Object.keys(files)).toContain(path);
    expect(after[path ?? '']).toContain('bitrate 1000000');
    expect(after[path ?? '']).toMatch(/txqueuelen 128/);
    expect(after[path ?? '']?.match(/allow-hotplug/g)).toHaveLength(1);
    expect(Object.keys(after)).toHaveLength(1);
  });

  it('is not read from a folder where its name has a dot', () => {
    const files = {
      [main]: 'source-directory /etc/network/interfaces.d\n',
      '/etc/network/interfaces.d/can0.cfg': 'allow-hotplug can0\niface can0 can static\n bitrate 500000\n',
    };
    expect(notes(pi(files))).toContain('ifupdown does not read this file');
    expect(changed(pi(files))['/etc/network/interfaces.d/can0']).toContain('bitrate 1000000');
  });

  it.each([
    'iface can0 inet manual\n pre-up ip link set can0 type can bitrate 500000\n up ip link set can0 up\n',
    'iface can0 inherits base\n',
  ])('gets a stanza of the right family beside %j, which goes', (stanza) => {
    const path = '/etc/network/interfaces.d/old';
    const after = changed(pi({ [path]: `allow-hotplug can0\n${stanza}` }));
    expect(after[path]).toBeNull();
    expect(after['/etc/network/interfaces.d/can0']).toContain('iface can0 can static');
  });
});

it('needs nothing more once a plan with rivals was carried out', () => {
  const files = {
    [`${network}/10-can.link`]: '[Match]\nType=can\n[Link]\nTransmitQueueLength=1024\n',
    [`${rules}/99-can.rules`]:
      'SUBSYSTEM=="net", KERNEL=="can0", RUN+="/sbin/ip link set can0 up type can bitrate 500000"\n',
    '/etc/rc.local': '#!/bin/sh\nip link set can0 up type can bitrate 500000\n',
    [printerCfg]: '[printer]\n',
  };
  const after = contentsAfter(planFor({ files }, { boards: [] }));
  expect(planFor({ files: { ...files, ...after } }, { boards: [] }).steps).toEqual([]);
});
