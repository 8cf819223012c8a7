import { describe, expect, it } from 'vitest';
import { examine } from '../../../app/pi/doctor.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { parsePrinterStatus, type McuVersion, type PrinterAnswer } from '../../../app/pi/printer-status.ts';
import {
  bridgeUsb,
  bridgeUuid,
  can0,
  examinedAs,
  piFacts,
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

function rates(facts: PiLike['facts'] = {}, mcus: readonly McuVersion[] = [], answer: PrinterAnswer = ready) {
  const found = piFacts({ files: { [printerCfg]: config }, facts });
  const checks = examine({ facts: found, printers: examinedAs(found, answer, mcus), wishes: defaultWishes });
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
