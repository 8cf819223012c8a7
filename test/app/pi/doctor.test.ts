import { describe, expect, it } from 'vitest';
import type { CanInterface } from '../../../app/pi/can-interface.ts';
import type { Check } from '../../../app/pi/check.ts';
import { examine } from '../../../app/pi/doctor.ts';
import { defaultWishes, type PiWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import type { McuVersion, PrinterAnswer } from '../../../app/pi/printer-status.ts';
import {
  bridgeUid,
  bridgeUsb,
  bridgeUuid,
  can0,
  commandsOf,
  contentsAfter,
  examinedAs,
  piFacts,
  printerCfg,
  printerIs,
  ready,
  seenAs,
  type PiLike,
} from '../../fixtures/pi-facts.ts';

const onTheBus = { [printerCfg]: `[mcu]\ncanbus_uuid: ${bridgeUuid}\n` };
const networkFile = '/etc/systemd/network/25-can.network';
const setUp = { ...onTheBus, [networkFile]: '[Match]\nName=can0\n\n[CAN]\nBitRate=1M\n' };

interface Asked extends PiLike {
  readonly printer?: PrinterAnswer;
  readonly mcus?: readonly McuVersion[];
  readonly wishes?: Partial<PiWishes>;
}

function checks({ printer = ready, mcus = [], wishes = {}, ...pi }: Asked): Check[] {
  const facts = piFacts({ ...pi, files: { ...setUp, ...pi.files } });
  return examine({
    facts,
    printers: examinedAs(facts, printer, mcus),
    wishes: { ...defaultWishes, ...wishes },
  });
}

function check(id: string, asked: Asked): Check {
  const found = checks(asked).find((each) => each.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

/** What the plan of a check's fix would do to that Pi. */
function fixOf(id: string, asked: Asked) {
  const { fix } = check(id, asked);
  if (fix.kind !== 'plan') throw new Error(`the fix of ${id} is ${fix.kind}`);
  const { printer = ready, wishes = {}, ...pi } = asked;
  const facts = piFacts({ ...pi, files: { ...setUp, ...pi.files } });
  const all = { ...defaultWishes, ...wishes, ...fix.wishes } as PiWishes;
  return makePlan(facts, seenAs(facts, printer), all);
}

const link = (changes: Partial<CanInterface>): Asked => ({
  facts: { interfaces: [{ ...can0, ...changes }] },
});

describe('a Pi with nothing wrong', () => {
  it('gets a result for every check, each with its reason, and nothing to do', () => {
    const all = checks({
      mcus: [{ section: 'mcu', version: 'v0.13.0-100-gabcdef12', canbusFrequencyBps: null }],
    });
    expect(all.map(({ verdict }) => verdict)).toEqual(all.map(() => 'fine'));
    expect(all.map(({ fix }) => fix.kind)).toEqual(all.map(() => 'none'));
    for (const { question, answer, why } of all) {
      expect(question).toMatch(/\?$/);
      expect(answer).toMatch(/\.$/);
      expect(why).not.toBe('');
    }
  });
});

describe('can0 that does not work', () => {
  it('is not there: nothing is plugged in, or the board is something else now', () => {
    const asked: Asked = { facts: { interfaces: [], usb: [] } };
    expect(check('interface', asked)).toMatchObject({
      verdict: 'wrong',
      answer: 'There is no CAN interface.',
    });
    expect(check('bridge', asked)).toMatchObject({ verdict: 'wrong', fix: { kind: 'hands' } });
    for (const [ids, words] of [
      [{ vendorId: 0x0483, productId: 0xdf11 }, 'BOOT0'],
      [{ vendorId: 0x1d50, productId: 0x6177 }, 'Flash Klipper'],
      [{ vendorId: 0x1d50, productId: 0x614e }, 'USB to CAN bus bridge'],
    ] as const) {
      const { fix } = check('bridge', { facts: { interfaces: [], usb: [{ ...bridgeUsb, ...ids }] } });
      expect(fix).toMatchObject({ kind: 'hands', text: expect.stringContaining(words) as string });
    }
  });

  it('is down: a plan brings it up', () => {
    const down = link({ up: false, bitrateBps: null, txQueueLength: 10 });
    expect(check('interface', down)).toMatchObject({ verdict: 'wrong', answer: 'can0 exists but is down.' });
    expect(commandsOf(fixOf('interface', down))).toContain('networkctl reconfigure can0');
  });

  it('has a queue of 10 or another bit rate: a plan corrects both', () => {
    expect(check('settings', link({ txQueueLength: 10 }))).toMatchObject({ verdict: 'look' });
    const slow = link({ bitrateBps: 500_000 });
    expect(check('settings', slow)).toMatchObject({
      verdict: 'wrong',
      answer: '500000 bit/s, queue length 128; wanted are 1000000 bit/s and 128.',
    });
    expect(commandsOf(fixOf('settings', slow))).toContain('ip link set can0 down');
  });

  it('will be gone after FIRMWARE_RESTART: nothing brings it up again', () => {
    const asked: Asked = { files: { [networkFile]: null } };
    expect(check('stack', asked)).toMatchObject({ verdict: 'wrong', answer: 'No: nothing configures it.' });
    expect(contentsAfter(fixOf('stack', asked))[networkFile]).toContain('Name=can0');
  });

  it('asks for what a current kernel refuses, and may be down after the next update', () => {
    const text = '[Match]\nName=can0\n\n[CAN]\nBitRate=1M\nRestartSec=0.1s\n';
    const files = { [networkFile]: text };
    expect(check('stack', { files })).toMatchObject({
      verdict: 'look',
      answer: expect.stringContaining('RestartSec') as string,
    });
    expect(check('stack', { files, ...link({ up: false }) }).verdict).toBe('wrong');
    expect(contentsAfter(fixOf('stack', { files }))[networkFile]).toContain('#RestartSec');
  });

  it('follows the guide of another system, either way round', () => {
    const ifupdown = { '/etc/network/interfaces.d/can0': 'iface can0 can static\n bitrate 1000000\n' };
    const onNetworkd: Asked = { files: { ...ifupdown, [networkFile]: null } };
    expect(check('stack', onNetworkd)).toMatchObject({
      verdict: 'wrong',
      answer: expect.stringContaining('not what this system uses') as string,
    });
    expect(contentsAfter(fixOf('stack', onNetworkd))).toMatchObject({
      '/etc/network/interfaces.d/can0': null,
      [networkFile]: expect.stringContaining('BitRate') as string,
    });
    const onIfupdown: Asked = { flavour: 'ifupdown' };
    expect(check('stack', onIfupdown).verdict).toBe('wrong');
    expect(contentsAfter(fixOf('stack', onIfupdown))).toMatchObject({
      '/etc/network/interfaces.d/can0': expect.stringContaining('allow-hotplug') as string,
      [networkFile]: null,
    });
  });

  it('is set by two at once', () => {
    const asked: Asked = { files: { '/etc/rc.local': 'ip link set can0 up type can bitrate 500000\n' } };
    expect(check('rivals', asked)).toMatchObject({ verdict: 'look' });
    expect(contentsAfter(fixOf('rivals', asked))['/etc/rc.local']).toBe(
      '#ip link set can0 up type can bitrate 500000\n',
    );
  });

  it('is a HAT, and the bridge is can1: its overlay goes', () => {
    const asked: Asked = {
      files: { '/boot/config.txt': 'dtoverlay=mcp2515-can0\n' },
      facts: {
        interfaces: [
          { ...can0, usb: null, driver: 'mcp251x' },
          { ...can0, name: 'can1' },
        ],
      },
    };
    expect(check('hat', asked)).toMatchObject({ verdict: 'wrong' });
    expect(contentsAfter(fixOf('hat', asked))['/boot/config.txt']).toBe('#dtoverlay=mcp2515-can0\n');
  });

  it('may be either of two adapters: the one that printer.cfg names gets a fixed name', () => {
    const other = { ...bridgeUsb, busPort: '1-1.3', serial: '2A0038000B50534E4E313120' };
    const asked: Asked = { facts: { usb: [other, bridgeUsb] } };
    expect(check('bridge', asked)).toMatchObject({ verdict: 'look' });
    const after = contentsAfter(fixOf('bridge', asked));
    expect(after['/etc/systemd/network/00-canopus-bridge0.link']).toContain(`=${bridgeUid}\n`);
  });

  it.each(['ERROR-PASSIVE', 'BUS-OFF'] as const)('is %s: wires and resistors', (state) => {
    expect(check('errors', link({ state, txErrors: 128 }))).toMatchObject({
      verdict: 'wrong',
      fix: { kind: 'hands', text: expect.stringContaining('60 ohm') as string },
    });
  });

  it('needs a driver that the kernel lacks, or has one that mixes frames up', () => {
    expect(check('driver', { facts: { gsUsb: 'missing' } })).toMatchObject({ verdict: 'wrong' });
    expect(check('driver', { facts: { kernel: '5.15.84-v8+' } })).toMatchObject({
      verdict: 'look',
      why: expect.stringContaining('bytes_invalid') as string,
    });
  });
});

describe('which board is which', () => {
  it('finds the section of the bridge by its USB serial number, also where a leading zero was cut off', () => {
    expect(check('identity', {})).toMatchObject({
      verdict: 'fine',
      answer: `The bridge at 1-1.2 is [mcu], ${bridgeUuid}.`,
    });
    const zero = '430014060A50534E4E313120';
    const cut: Asked = {
      files: { [printerCfg]: '[mcu]\ncanbus_uuid: EAB4D476894\n' },
      facts: { usb: [{ ...bridgeUsb, serial: zero }] },
    };
    expect(check('identity', cut).answer).toBe('The bridge at 1-1.2 is [mcu], 0eab4d476894.');
    expect(check('uuids', cut).verdict).toBe('fine');
  });

  it('finds a bridge that printer.cfg does not know, and puts it there', () => {
    const asked: Asked = {
      files: { [printerCfg]: '[mcu]\ncanbus_uuid: 0d1445047cdd\n' },
      printer: printerIs({ klippy: 'error', message: "mcu 'mcu': Unable to connect" }),
    };
    expect(check('identity', asked)).toMatchObject({
      verdict: 'wrong',
      answer: `No section of printer.cfg is the bridge: ${bridgeUuid} at 1-1.2.`,
    });
    expect(contentsAfter(fixOf('identity', asked))[printerCfg]).toContain(`canbus_uuid: ${bridgeUuid}`);
    // Where Klipper works, its [mcu] is some other board.
    expect(check('identity', { ...asked, printer: ready }).fix.kind).toBe('hands');
  });

  it('explains why flashtool.py finds no node of that uuid', () => {
    expect(check('identity', {}).why).toContain('flashtool.py');
  });

  it('takes a stale serial option out', () => {
    const asked: Asked = { files: { [printerCfg]: `[mcu]\nserial: x\ncanbus_uuid: ${bridgeUuid}\n` } };
    expect(check('uuids', asked)).toMatchObject({
      verdict: 'wrong',
      answer: '[mcu] has both canbus_uuid and serial.',
    });
    expect(contentsAfter(fixOf('uuids', asked))[printerCfg]).toContain('#serial: x\n');
  });

  it('names a uuid that is none', () => {
    const asked: Asked = { files: { [printerCfg]: '[mcu]\ncanbus_uuid: my_board_uuid\n' } };
    expect(check('uuids', asked)).toMatchObject({ verdict: 'wrong', fix: { kind: 'hands' } });
  });
});

describe('a query that finds no node', () => {
  it('is normal while Klipper owns the boards', () => {
    expect(check('query', {})).toMatchObject({
      verdict: 'fine',
      answer: 'No, and that is normal: Klipper owns them.',
    });
  });

  it('has no python-can', () => {
    const asked: Asked = { printer: { kind: 'not-running' }, facts: { pythonCan: [] } };
    expect(check('query', asked)).toMatchObject({ verdict: 'look', fix: { kind: 'hands' } });
  });
});

describe('"MCU Protocol error" after an update of the host', () => {
  it('comes from boards that have another Klipper, each named with its version', () => {
    const mcus = [
      { section: 'mcu', version: 'v0.13.0-100-gabcdef12', canbusFrequencyBps: null },
      { section: 'mcu EBBCan', version: 'v0.12.0-5-g1234567', canbusFrequencyBps: null },
    ];
    expect(check('versions', { mcus })).toMatchObject({
      verdict: 'look',
      answer: expect.stringContaining('[mcu EBBCan] v0.12.0-5-g1234567') as string,
      fix: { kind: 'hands', text: expect.stringContaining('first, the bridge last') as string },
    });
  });
});

describe('Klipper itself', () => {
  it.each<[PrinterAnswer, string]>([
    [printerIs({ klippy: 'error', message: "mcu 'mcu': Unable to connect\nmore" }), 'Unable to connect'],
    [{ kind: 'not-running' }, 'is not running'],
    [{ kind: 'auth-needed' }, 'API key'],
    [{ kind: 'unreachable' }, 'does not reply'],
  ])('is not ready: %j', (printer, words) => {
    const found = check('klipper', { printer });
    expect(found.verdict).not.toBe('fine');
    expect(found.answer).toContain(words);
    expect(found.fix.kind).toBe('hands');
  });

  it('cannot read its configuration', () => {
    const files = { [printerCfg]: '[include gone.cfg]\nlost: 1\n[mcu]\nnonsense\n' };
    expect(check('config', { files })).toMatchObject({
      verdict: 'wrong',
      answer: expect.stringMatching(/line 1: \[include gone.cfg\].*line 2: .*line 4: /) as string,
    });
  });
});

it.each(['6beb017518zz', '6beb0175188a55'])(
  'offers no plan that would write the broken canbus_uuid %s',
  (text) => {
    const files = { [printerCfg]: `[mcu]\ncanbus_uuid: ${text}\nserial: /dev/serial/by-id/x\n` };
    expect(check('uuids', { files })).toMatchObject({
      verdict: 'wrong',
      answer: expect.stringContaining(`[mcu] has "${text}"`) as string,
      fix: { kind: 'hands' },
    });
  },
);
