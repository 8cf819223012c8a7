import { describe, expect, it } from 'vitest';
import type { PrinterFacts } from '../../../app/pi/facts.ts';
import { checkRates } from '../../../app/pi/rates.ts';
import { examine } from '../../../app/pi/doctor.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { withRateNotes } from '../../../app/pi/plan-rates.ts';
import { rebuildCommand, type RecordedBoard } from '../../../app/pi/recorded-board.ts';
import { parsePrinterStatus, type McuVersion, type PrinterAnswer } from '../../../app/pi/printer-status.ts';
import {
  bridgeUsb,
  bridgeUuid,
  can0,
  examinedAs,
  piFacts,
  planFor,
  printer,
  printerCfg,
  printerIs,
  ready,
  type PiLike,
} from '../../fixtures/pi-facts.ts';

const config = `[mcu]\ncanbus_uuid: ${bridgeUuid}\n\n[mcu EBBCan]\ncanbus_uuid: 0e0d81e4210c\n`;
const adapterUsb = { ...bridgeUsb, product: 'candleLight USB to CAN adapter', manufacturer: 'bytewerk' };
const behindAdapter: PiLike['facts'] = { usb: [adapterUsb], interfaces: [{ ...can0, usb: adapterUsb }] };

const mcu = (section: string, canbusFrequencyBps: number | null): McuVersion => ({
  section,
  version: 'v1',
  canbusFrequencyBps,
});

const recorded = (canbusUuid: string, bitrateBps: number | null): RecordedBoard => ({
  ...{ canbusUuid, bitrateBps, presetId: 'btt-octopus', variantId: 'f446', version: 'v1' },
});

function rates(
  facts: PiLike['facts'] = {},
  mcus: readonly McuVersion[] = [],
  answer: PrinterAnswer = ready,
  records: readonly RecordedBoard[] = [],
) {
  const found = piFacts({ files: { [printerCfg]: config }, facts });
  const checks = examine({
    facts: found,
    printers: examinedAs(found, answer, mcus),
    wishes: defaultWishes,
    records,
  });
  const check = checks.find(({ id }) => id === 'rates');
  if (check === undefined) throw new Error('no check');
  return check;
}

describe('the bit rates on a bus', () => {
  it('are the same if every board says so, or replies', () => {
    expect(rates({}, [mcu('mcu', 1_000_000), mcu('mcu EBBCan', 1_000_000)]).answer).toBe(
      'Yes: [mcu] 1000000, [mcu EBBCan] 1000000.',
    );
    expect(rates()).toMatchObject({ verdict: 'fine' });
  });

  it('are wrong if two that are known differ: boards, or the adapter and a board', () => {
    expect(rates({}, [mcu('mcu', 1_000_000), mcu('mcu EBBCan', 500_000)])).toMatchObject({
      verdict: 'wrong',
      answer: 'No: [mcu] 1000000, [mcu EBBCan] 500000.',
    });
    expect(rates(behindAdapter, [mcu('mcu EBBCan', 500_000)])).toMatchObject({
      verdict: 'wrong',
      answer: 'No: the adapter can0 1000000, [mcu EBBCan] 500000.',
    });
  });

  it('of Linux does not matter to a bridge, and a plan corrects it', () => {
    expect(rates({}, [mcu('mcu', 500_000), mcu('mcu EBBCan', 500_000)])).toMatchObject({
      verdict: 'look',
      fix: { kind: 'plan', wishes: { bitrateBps: 500_000 } },
    });
  });

  it('are perhaps others where a board is silent: an adapter can try, a bridge is built anew', () => {
    const silent = printerIs({ klippy: 'error', message: "mcu 'EBBCan': Unable to connect" });
    expect(rates(behindAdapter, [], silent)).toMatchObject({
      verdict: 'look',
      answer: expect.stringContaining('has perhaps another rate than 1000000') as string,
      fix: { kind: 'hands', text: expect.stringContaining('another rate') as string },
    });
    expect(rates({}, [], silent).fix).toMatchObject({
      text: expect.stringContaining('Build and flash') as string,
    });
  });

  it('of a bridge comes from the record, which Klipper does not report, and says so', () => {
    const silent = printerIs({ klippy: 'error', message: "mcu 'EBBCan': Unable to connect" });
    const check = rates({}, [], silent, [recorded(bridgeUuid, 500_000), recorded('0e0d81e4210c', 1_000_000)]);
    expect(check).toMatchObject({
      verdict: 'wrong',
      answer: "No: [mcu] 500000 (this station's record), [mcu EBBCan] 1000000 (this station's record).",
      rebuilds: [{ what: '[mcu]', canbusUuid: bridgeUuid, bitrateBps: 1_000_000, presetId: 'btt-octopus' }],
    });
    expect(rebuildCommand(check.rebuilds![0]!, 'pi@voron')).toBe(
      'canopus flash --preset btt-octopus:f446 --katapult build --klipper build:pi:pi@voron --bitrate 1000000',
    );
    expect(rates({}, [], silent, [recorded(bridgeUuid, null)]).answer).toMatch(
      /Nothing shows the rate of \[mcu\], \[mcu EBBCan\]/,
    );
  });

  it('of a bridge is the one of the boards that reply through it, whatever a record says', () => {
    const reply = [mcu('mcu', null), mcu('mcu EBBCan', 1_000_000)];
    expect(rates({}, reply, ready, [recorded(bridgeUuid, 500_000)])).toMatchObject({
      verdict: 'fine',
      answer: 'Yes: [mcu] 1000000 (the boards behind it reply), [mcu EBBCan] 1000000.',
    });
  });

  it('of a record does not count once the board reports another version', () => {
    const other = [{ ...mcu('mcu', null), version: 'v2' }];
    expect(rates({}, other, ready, [recorded(bridgeUuid, 500_000)]).answer).toBe(
      'Klipper talks to all of them, so they have.',
    );
    expect(rates({}, [mcu('mcu', null)], ready, [recorded(bridgeUuid, 500_000)])).toMatchObject({
      verdict: 'look',
      answer: expect.stringContaining(
        "[mcu] 500000 (this station's record); Linux is set to 1000000",
      ) as string,
      fix: { kind: 'plan', wishes: { bitrateBps: 500_000 } },
      rebuilds: [{ bitrateBps: 1_000_000 }],
    });
  });

  it('of an adapter that alone differs is a setting', () => {
    expect(rates(behindAdapter, [mcu('mcu EBBCan', 500_000)]).fix).toEqual({
      kind: 'plan',
      wishes: { bitrateBps: 500_000 },
    });
  });

  it('are kept apart for printers that name their boards alike', () => {
    const other = '/home/pi/printer_2_data/config/printer.cfg';
    const second: PrinterFacts = { ...printer, name: 'printer_2', configPath: other, moonraker: null };
    const found = piFacts({
      files: { [printerCfg]: config, [other]: '[mcu]\ncanbus_uuid: 333333333333\ncanbus_interface: can1\n' },
      facts: { printers: [printer, second] },
    });
    const printers = [
      { printer, answer: ready, mcus: [mcu('mcu', null), mcu('mcu EBBCan', 1_000_000)] },
      { printer: second, answer: ready, mcus: [mcu('mcu', 500_000)] },
    ];
    const check = checkRates({ facts: found, printers, wishes: defaultWishes });
    expect(check).toMatchObject({
      verdict: 'fine',
      answer: expect.stringContaining('[mcu] of printer ') as string,
    });
  });

  it('of a record that the plan does not set is a warning with what to build', () => {
    const facts = piFacts({ files: { [printerCfg]: config } });
    const notes = withRateNotes(planFor({ files: { [printerCfg]: config } }), facts, [
      recorded(bridgeUuid, 250_000),
      recorded('0e0d81e4210c', 500_000),
    ]).notes.filter(({ rebuild }) => rebuild !== undefined);
    expect(notes).toMatchObject([
      {
        kind: 'warning',
        text: expect.stringMatching(/^\[mcu\] was built for 250000 .* changes nothing on the bus/) as string,
        rebuild: { bitrateBps: 1_000_000, presetId: 'btt-octopus' },
      },
      { text: expect.stringMatching(/^\[mcu EBBCan\] was built for 500000 .* neither hears/) as string },
    ]);
    const plan = planFor({ files: { [printerCfg]: config } });
    expect(withRateNotes(plan, facts, [recorded(bridgeUuid, 1_000_000)])).toBe(plan);
  });

  it('come from the constants that Klipper reports of its boards', () => {
    const status = {
      mcu: { mcu_version: 'v1', mcu_constants: { CANBUS_FREQUENCY: 500_000, CLOCK_FREQ: 1 } },
      'mcu host': { mcu_version: 'v1', mcu_constants: {} },
    };
    expect(parsePrinterStatus('moonraker', {}, { status }).mcus).toEqual([
      { section: 'mcu', version: 'v1', canbusFrequencyBps: 500_000 },
      { section: 'mcu host', version: 'v1', canbusFrequencyBps: null },
    ]);
  });
});
