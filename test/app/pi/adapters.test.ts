import { describe, expect, it } from 'vitest';
import { examine } from '../../../app/pi/doctor.ts';
import { defaultWishes, type PiWishes } from '../../../app/pi/plan-types.ts';
import {
  bridgeUid,
  bridgeUsb,
  bridgeUuid,
  can0,
  contentsAfter,
  examinedAs,
  piFacts,
  planFor,
  printer,
  printerCfg,
  type PiLike,
} from '../../fixtures/pi-facts.ts';

/** As its firmware says it; the serial number has 24 digits like that of a bridge. */
const u2cUsb = {
  ...{ busPort: '1-1.1', vendorId: 0x1d50, productId: 0x606f, serial: '004B00275941501020303838' },
  ...{ product: 'candleLight USB to CAN adapter', manufacturer: 'bytewerk' },
};
const u2c = { ...can0, usb: u2cUsb };
const bridge = { ...can0, name: 'can1', index: 6 };
const two = { interfaces: [u2c, bridge], usb: [u2cUsb, bridgeUsb] };
const config = `[mcu]\ncanbus_uuid: ${bridgeUuid}\n\n[mcu EBBCan]\ncanbus_uuid: 0e0d81e4210c\n`;

const notes = (pi: PiLike, wishes: Partial<PiWishes>): string =>
  planFor(pi, wishes)
    .notes.map(({ text }) => text)
    .join('\n');

function check(id: string, pi: PiLike, wishes: Partial<PiWishes> = {}) {
  const facts = piFacts(pi);
  const found = examine({ facts, printers: examinedAs(facts), wishes: { ...defaultWishes, ...wishes } }).find(
    (each) => each.id === id,
  );
  if (found === undefined) throw new Error(id);
  return found;
}

describe('a plan for a board, with two adapters', () => {
  it('says which interface the board is, and is not applied for another one', () => {
    const [blocker] = planFor({ facts: two }).blockers;
    expect(blocker?.code).toBe('pi/other-interface');
    expect(blocker?.text).toContain(`the board ${bridgeUuid} is can1, not can0`);
    expect(blocker?.text).toContain('can0 is an adapter (candleLight USB to CAN adapter) at 1-1.1');
    expect(blocker?.text).toContain(bridgeUid);
  });

  it('is applied for its interface, for a name of its own, and where a file gives it that name', () => {
    expect(planFor({ facts: two }, { interfaceName: 'can1' }).blockers).toEqual([]);
    const pinned = { interfaceName: 'bridge0', pinToUsbSerial: bridgeUid };
    expect(planFor({ facts: two }, pinned).blockers).toEqual([]);
    const path = '/etc/systemd/network/00-canopus-bridge0.link';
    const files = { [path]: contentsAfter(planFor({ facts: two }, pinned))[path] ?? '' };
    expect(planFor({ files, facts: two }, { interfaceName: 'bridge0' }).blockers).toEqual([]);
  });

  it('is not stopped by a board behind the adapter, or with one adapter', () => {
    const boards = [{ section: 'mcu EBBCan', canbusUuid: '0e0d81e4210c' }];
    expect(planFor({ facts: two }, { boards }).blockers).toEqual([]);
    expect(planFor({}).blockers).toEqual([]);
    expect(planFor({ facts: { interfaces: [u2c], usb: [u2cUsb] } }).blockers).toEqual([]);
  });
});

describe('the doctor, with two adapters', () => {
  const pi: PiLike = { files: { [printerCfg]: config }, facts: two };

  it('tells bridge and adapter apart, and gives no uuid to the adapter', () => {
    const told = check('bridge', pi);
    expect(told).toMatchObject({ verdict: 'wrong', fix: { kind: 'plan' } });
    expect(told.answer).toContain('can0 is an adapter (candleLight USB to CAN adapter) at 1-1.1');
    expect(told.answer).toContain(`can1 is the bridge ${bridgeUuid} at 1-1.2`);
    expect(told.fix).toMatchObject({
      wishes: { pinToUsbSerial: bridgeUid, interfaceName: 'bridge0', boards: [{ section: 'mcu' }] },
    });
    expect(JSON.stringify(check('identity', pi))).not.toContain('1-1.1');
    expect(check('hat', pi)).toMatchObject({
      verdict: 'wrong',
      answer: expect.stringMatching(/^No: can0 is an adapter/) as string,
      fix: { wishes: { interfaceName: 'can1', boards: [{ section: 'mcu', canbusUuid: bridgeUuid }] } },
    });
  });

  it('never says that one is to be unplugged', () => {
    for (const facts of [two, { ...two, usb: [u2cUsb, { ...u2cUsb, busPort: '1-1.4' }] }]) {
      expect(JSON.stringify(check('bridge', { facts }))).not.toMatch(/unplug/i);
    }
  });

  it('is content once the bridge has a name of its own', () => {
    const facts = { ...two, interfaces: [u2c, { ...bridge, name: 'bridge0' }] };
    expect(check('bridge', { facts }, { interfaceName: 'bridge0' }).verdict).toBe('fine');
  });

  it('takes a lone adapter for what it is', () => {
    const facts = { interfaces: [u2c], usb: [u2cUsb] };
    expect(check('bridge', { facts })).toMatchObject({
      verdict: 'fine',
      answer: expect.stringContaining('behind it') as string,
    });
    expect(check('identity', { facts }).verdict).toBe('unknown');
  });
});

describe('a new name for the bus', () => {
  const pinned = { interfaceName: 'bridge0', pinToUsbSerial: bridgeUid };
  const one: PiLike = { files: { [printerCfg]: config } };
  const both =
    `[mcu]\ncanbus_uuid: ${bridgeUuid}\ncanbus_interface: bridge0\n\n` +
    '[mcu EBBCan]\ncanbus_uuid: 0e0d81e4210c\ncanbus_interface: bridge0\n';
  const lines = (text: string | null | undefined): string[] => (text ?? '').split('\n').sort();

  it('goes to every section that used the old one, named or by default', () => {
    expect(lines(contentsAfter(planFor(one, pinned))[printerCfg])).toEqual(lines(both));
    const named = { files: { [printerCfg]: `${config}canbus_interface: can0\n` } };
    expect(lines(contentsAfter(planFor(named, pinned))[printerCfg])).toEqual(lines(both));
  });

  it('goes there without a board in the plan, and while the bridge is unplugged', () => {
    expect(lines(contentsAfter(planFor(one, { ...pinned, boards: [] }))[printerCfg])).toEqual(lines(both));
    const away = { ...one, facts: { interfaces: [], usb: [] } };
    expect(lines(contentsAfter(planFor(away, pinned))[printerCfg])).toEqual(lines(both));
  });

  it('leaves the boards behind another adapter where they are, and says so', () => {
    const mixed = config.replace(`${bridgeUuid}\n`, `${bridgeUuid}\ncanbus_interface: can1\n`);
    const pi = { files: { [printerCfg]: mixed }, facts: two };
    expect(contentsAfter(planFor(pi, pinned))[printerCfg]).toContain(
      '[mcu EBBCan]\ncanbus_uuid: 0e0d81e4210c\n',
    );
    expect(contentsAfter(planFor(pi, pinned))[printerCfg]?.match(/bridge0/g)).toHaveLength(1);
    expect(notes(pi, pinned)).toContain('[mcu EBBCan] stays on can0');
  });

  it('names what it does not change: the sections of other printers', () => {
    const other = '/home/pi/other.cfg';
    const printers = [printer, { ...printer, name: 'other', configPath: other }];
    const pi = {
      files: { [printerCfg]: config, [other]: '[mcu]\ncanbus_uuid: 0123456789ab\n' },
      facts: { printers },
    };
    expect(notes(pi, { ...pinned, configPath: printerCfg })).toContain(`${other} has [mcu] on can0, too`);
    expect(contentsAfter(planFor(pi, { ...pinned, configPath: printerCfg }))).not.toHaveProperty([other]);
    expect(notes(pi, { ...pinned, boards: [] })).toContain('canbus_interface: bridge0');
  });
});
