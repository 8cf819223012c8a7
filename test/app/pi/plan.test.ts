import { describe, expect, it } from 'vitest';
import { planView } from '../../../app/pi/plan-view.ts';
import {
  afterwards,
  bridgeUid,
  bridgeUuid,
  can0,
  commandsOf,
  contentsAfter,
  fileSteps,
  planFor,
  printer,
  printerCfg,
  printerIs,
  type PiLike,
  type StackFlavour,
} from '../../fixtures/pi-facts.ts';

const down = { ...can0, up: false, bitrateBps: null, txQueueLength: 10, state: 'STOPPED' } as const;
const isDown = { interfaces: [down] };

const ifupdownFile = '/etc/network/interfaces.d/can0';
const networkFile = '/etc/systemd/network/25-can.network';
const queueFile = '/etc/udev/rules.d/10-can.rules';

describe('the network stack that is in use', () => {
  it.each<[StackFlavour, string, readonly string[]]>([
    ['ifupdown', 'ifupdown', [ifupdownFile]],
    ['networkd', 'networkd', [networkFile, queueFile]],
    ['networkmanager', 'networkd', [networkFile, queueFile]],
    ['bare', 'unit', ['/etc/systemd/system/canopus-can0.service']],
  ])('is written for: %s', (flavour, stack, files) => {
    const plan = planFor({ flavour, facts: isDown });
    expect(plan).toMatchObject({ stack, blockers: [] });
    expect(fileSteps(plan).map(({ path }) => path)).toEqual([...files, printerCfg]);
    for (const path of files) expect(contentsAfter(plan)[path]).toMatch(/can0|"280"/);
  });

  it.each<StackFlavour>(['ifupdown', 'networkd', 'networkmanager'])(
    'needs nothing more once it was done: %s',
    (flavour) => {
      const pi = { flavour, facts: isDown };
      const plan = planFor(pi);
      const again = planFor(afterwards(pi, plan));
      expect(again).toMatchObject({ steps: [], blockers: [] });
      // That holds for a broken Klipper and a print as well: a plan without changes disturbs nothing.
      expect(planFor(afterwards(pi, plan), {}, printerIs({ activity: 'printing' })).blockers).toEqual([]);
    },
  );

  it('keeps the boot from waiting for a network that is not managed', () => {
    expect(commandsOf(planFor({ flavour: 'networkmanager' }))).toEqual([
      'systemctl enable --now systemd-networkd.service',
      'systemctl disable --now systemd-networkd-wait-online.service',
      'udevadm control --reload',
      'ip link set can0 down',
      'ip link set can0 txqueuelen 128',
      'networkctl reconfigure can0',
    ]);
  });

  it('brings can0 up by the unit that ends with its device, or ifupdown would take it for up after a reset', () => {
    const plan = planFor({ flavour: 'ifupdown', facts: isDown });
    expect(commandsOf(plan)).toEqual([
      'ip link set can0 down',
      'ifdown --force can0',
      'systemctl restart ifup@can0.service',
    ]);
    expect(plan.undo.before.map(({ argv }) => argv.join(' '))).toEqual([
      'systemctl stop ifup@can0.service',
      'ifdown --force can0',
    ]);
    const without = planFor({ flavour: 'ifupdown', facts: { ...isDown, systemd: null } });
    expect(commandsOf(without)).toEqual(['ip link set can0 down', 'ifup --force can0']);
  });

  it('can be chosen, and is refused where it is not there', () => {
    expect(planFor({ flavour: 'networkd' }, { stack: 'unit' }).stack).toBe('unit');
    const { stack, blockers } = planFor({ flavour: 'networkd' }, { stack: 'ifupdown' });
    expect(stack).toBeNull();
    expect(blockers).toMatchObject([{ code: 'pi/no-network-stack' }]);
  });

  it('is none where there is nothing to configure a network with', () => {
    const tools = new Set(['systemctl']);
    expect(planFor({ facts: { tools } }).blockers).toMatchObject([{ code: 'pi/not-a-pi' }]);
  });

  it('brings the interface up with what was asked for', () => {
    const wishes = { bitrateBps: 500_000, txQueueLength: 1024 };
    const ifupdown = contentsAfter(planFor({ flavour: 'ifupdown', facts: isDown }, wishes));
    expect(ifupdown[ifupdownFile]).toContain('bitrate 500000\n');
    expect(ifupdown[ifupdownFile]).toContain('txqueuelen 1024\n');
    const networkd = contentsAfter(planFor({ flavour: 'networkd', facts: isDown }, wishes));
    expect(networkd[networkFile]).toContain('BitRate=500000\n');
    expect(networkd[queueFile]).toContain('ATTR{tx_queue_len}="1024"');
  });

  it('waits for the bridge where it is not plugged in', () => {
    const plan = planFor({ flavour: 'ifupdown', facts: { interfaces: [] } });
    expect(commandsOf(plan)).toEqual([]);
    expect(plan.notes.map(({ text }) => text).join()).toContain('when the bridge is plugged in');
  });
});

describe('configuration that is there already', () => {
  const guide =
    'allow-hotplug can0\niface can0 can static\n bitrate 500000\n up ifconfig $IFACE txqueuelen 1024\n';

  it('is corrected in the lines that are wrong', () => {
    const plan = planFor({ flavour: 'ifupdown', files: { [ifupdownFile]: guide } });
    expect(contentsAfter(plan)[ifupdownFile]).toBe(
      'allow-hotplug can0\niface can0 can static\n bitrate 1000000\n up ip link set $IFACE txqueuelen 128\n',
    );
  });

  it('is found in any file of systemd-networkd', () => {
    const path = '/etc/systemd/network/80-mine.network';
    const plan = planFor({ files: { [path]: '[Match]\nName=can*\n\n[CAN]\nBitRate=250K # old\n' } });
    expect(contentsAfter(plan)[path]).toContain('BitRate=1000000');
    expect(contentsAfter(plan)[networkFile]).toBeUndefined();
  });

  it("loses what today's kernels refuse for a bridge, upon which systemd-networkd would leave it down", () => {
    const asked =
      '[Match]\nName=can*\n\n[CAN]\nBitRate=1M\nRestartSec=0.1s\n\n[Link]\nRequiredForOnline=no\n';
    const plan = planFor({ files: { [networkFile]: asked } });
    expect(contentsAfter(plan)[networkFile]).toBe(asked.replace('RestartSec', '#RestartSec'));
    expect(contentsAfter(planFor({}))[networkFile]).not.toContain('RestartSec');
  });

  it('goes before a file of systemd-networkd that takes every interface', () => {
    const plan = planFor({ files: { '/etc/systemd/network/10-all.network': '[Match]\nName=*\n' } });
    expect(contentsAfter(plan)['/etc/systemd/network/00-canopus-can0.network']).toContain('Name=can0');
  });

  const rivals: readonly [string, StackFlavour, string, string, string | null][] = [
    ['an ifupdown file on a networkd system', 'networkd', ifupdownFile, guide, null],
    [
      'a networkd file on an ifupdown system',
      'ifupdown',
      networkFile,
      '[Match]\nName=can*\n[CAN]\nBitRate=500K\n',
      null,
    ],
    [
      'lines of rc.local',
      'networkd',
      '/etc/rc.local',
      '#!/bin/sh\n/sbin/ip link set can0 up type can bitrate 500000\nexit 0\n',
      '#!/bin/sh\n#/sbin/ip link set can0 up type can bitrate 500000\nexit 0\n',
    ],
    [
      'a stanza among others',
      'networkd',
      '/etc/network/interfaces',
      'auto lo can0\niface lo inet loopback\niface can0 can static\n  bitrate 500000\n',
      'auto lo\niface lo inet loopback\n#iface can0 can static\n#  bitrate 500000\n',
    ],
  ];

  it.each(rivals)('is named as a rival and taken out: %s', (_, flavour, path, before, after) => {
    const plan = planFor({ flavour, files: { [path]: before } });
    expect(contentsAfter(plan)[path]).toBe(after);
    const { undo, notes } = planView(plan);
    expect(notes.map(({ text }) => text).join('\n')).toContain(path);
    expect(undo.length).toBeGreaterThan(0);
  });

  it.each(rivals)('is only named if it should stay: %s', (_, flavour, path, before) => {
    const plan = planFor({ flavour, files: { [path]: before } }, { removeRivals: false });
    expect(contentsAfter(plan)).not.toHaveProperty([path]);
    expect(plan.notes.map(({ text }) => text).join('\n')).toContain(path);
  });

  it('disables a unit that a person wrote, and enables it again in an undo', () => {
    const path = '/etc/systemd/system/can0.service';
    const unit = '[Service]\nExecStart=/sbin/ip link set can0 up type can bitrate 1000000\n';
    const plan = planFor({ files: { [path]: unit } });
    expect(commandsOf(plan)).toContain('systemctl disable --now can0.service');
    expect(plan.undo.after.map((step) => (step.kind === 'command' ? step.argv.join(' ') : ''))).toContain(
      'systemctl enable can0.service',
    );
  });
});

describe('a CAN HAT', () => {
  const bootConfig = '/boot/firmware/config.txt';
  const overlay = 'dtparam=spi=on\ndtoverlay=mcp2515-can0,oscillator=12000000,interrupt=25\n';
  const hat = { ...can0, driver: 'mcp251x', usb: null };
  const withHat: PiLike = {
    files: { [bootConfig]: overlay },
    facts: { interfaces: [hat, { ...can0, name: 'can1', index: 6 }] },
  };

  it('is named, with both solutions', () => {
    const told = planFor(withHat).notes.find(({ kind }) => kind === 'warning')?.text;
    expect(told).toContain(`${bootConfig}, line 2`);
    expect(told).toContain('can0 belongs to it now');
    expect(told).toContain('Comment out the overlay of the HAT');
    expect(told).not.toMatch(/--[a-z]/);
    expect(told).toContain('its own interface name');
  });

  it('is taken out of the boot configuration on demand, line by line', () => {
    const plan = planFor(withHat, { hat: 'comment-out' });
    expect(contentsAfter(plan)[bootConfig]).toBe(overlay.replace('dtoverlay', '#dtoverlay'));
    expect(fileSteps(plan).find(({ path }) => path === bootConfig)).toMatchObject({ asRoot: true });
    expect(plan.notes.map(({ text }) => text).join()).toContain('next reboot');
  });

  it('gives way if the bridge has a fixed name, tied to its USB serial number', () => {
    const plan = planFor(withHat, { interfaceName: 'bridge0', pinToUsbSerial: bridgeUid });
    const after = contentsAfter(plan);
    expect(after['/etc/systemd/network/00-canopus-bridge0.link']).toBe(
      `[Match]\nProperty=ID_SERIAL_SHORT=${bridgeUid}\nDriver=gs_usb\n\n[Link]\nName=bridge0\nTransmitQueueLength=128\n`,
    );
    expect(after['/etc/systemd/network/25-canopus-bridge0.network']).toContain('Name=bridge0');
    expect(after[printerCfg]).toContain('canbus_interface: bridge0');
    expect(plan.notes.map(({ text }) => text).join()).toContain('now it is called can1');
  });
});

describe('printer.cfg', () => {
  it('gets the uuid and loses its serial options', () => {
    expect(contentsAfter(planFor({}))[printerCfg]).toBe(
      `[mcu]\n#serial: /dev/serial/by-id/usb-Klipper_stm32f446xx\ncanbus_uuid: ${bridgeUuid}\n\n[printer]\nkinematics: corexy\n`,
    );
  });

  it('gets several boards in one step, and Klipper restarts once', () => {
    const plan = planFor(
      {},
      {
        boards: [
          { section: 'mcu', canbusUuid: bridgeUuid },
          { section: 'mcu EBBCan', canbusUuid: '0d1445047cdd' },
        ],
      },
    );
    expect(fileSteps(plan).filter(({ path }) => path === printerCfg)).toHaveLength(1);
    expect(contentsAfter(plan)[printerCfg]).toContain('[mcu EBBCan]\ncanbus_uuid: 0d1445047cdd\n');
    expect(plan.steps.filter(({ kind }) => kind === 'klipper')).toHaveLength(1);
  });

  it('has to be found, and to be the only one', () => {
    expect(planFor({ facts: { printers: [] } }).blockers).toMatchObject([{ code: 'pi/no-printer-config' }]);
    const printers = ['a', 'b'].map((name) => ({ ...printer, name, configPath: `/home/pi/${name}.cfg` }));
    expect(planFor({ facts: { printers } }).blockers).toMatchObject([{ code: 'pi/several-printers' }]);
    const files = { '/home/pi/b.cfg': '[mcu]\n' };
    const plan = planFor({ facts: { printers }, files }, { configPath: '/home/pi/b.cfg' });
    expect(plan.blockers).toEqual([]);
    expect(contentsAfter(plan)['/home/pi/b.cfg']).toContain(bridgeUuid);
  });
});

describe('a plan that may not be applied now', () => {
  it.each(['printing', 'paused', 'moving'] as const)('while the printer is %s', (activity) => {
    expect(planFor({}, {}, printerIs({ activity })).blockers).toMatchObject([{ code: 'pi/printing' }]);
    // What a person says about it does not count against what the printer says.
    const said = planFor({}, { confirmedIdle: true }, printerIs({ activity }));
    expect(said.blockers).toMatchObject([{ code: 'pi/printing' }]);
  });

  it.each(['auth-needed', 'unreachable'] as const)('while it is unknown: %s', (kind) => {
    expect(planFor({}, {}, { kind }).blockers).toMatchObject([{ code: 'pi/print-state-unknown' }]);
    expect(planFor({}, { confirmedIdle: true }, { kind }).blockers).toEqual([]);
  });

  it('without sudo, or with a change that was begun', () => {
    expect(planFor({ facts: { sudo: 'none' } }).blockers).toMatchObject([{ code: 'pi/sudo-missing' }]);
    const journals = [{ id: '20261121-013005-1a2b', state: 'open', text: '' }];
    expect(planFor({ facts: { journals } }).blockers).toMatchObject([{ code: 'pi/unfinished' }]);
  });

  it('is fine where Klipper is stopped, which stays so', () => {
    const printers = [{ ...printer, pid: null }];
    const plan = planFor({ facts: { printers } }, {}, { kind: 'not-running' });
    expect(plan.blockers).toEqual([]);
    expect(plan.steps.filter(({ kind }) => kind === 'klipper')).toEqual([]);
    expect(plan.notes.map(({ text }) => text).join()).toContain('when it starts');
  });
});
