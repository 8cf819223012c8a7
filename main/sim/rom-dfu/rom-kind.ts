import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';

/** As in many listings of F0 and F4; that newer ROMs have half of it is from memory of listings, and unconfirmed. */
export function romTransferSize(mcu: McuName): number {
  return isNewer(mcu) ? 1024 : 2048;
}

/** The ROMs that call themselves "DFU in FS Mode". */
export function isNewer(mcu: McuName): boolean {
  return mcuFacts[mcu].romDfu?.bcdDevice === 0x0200;
}
