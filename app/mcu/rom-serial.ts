import { mcuFacts, mcuNames } from './mcu.ts';

const shared = new Set(
  mcuNames.flatMap((mcu) => {
    const form = mcuFacts[mcu].romDfu?.serial ?? null;
    return form === null || form === 'uid' ? [] : [form.constant.toUpperCase()];
  }),
);

/**
 * Whether all parts of an MCU show this serial number in ROM DFU, so that it says nothing about one of them. Those of F0
 * and H743 have the form of one that is made from a UID.
 */
export function isSharedRomSerial(serial: string): boolean {
  return shared.has(serial.toUpperCase());
}
