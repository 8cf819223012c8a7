import { mcuFacts, mcuNames } from './mcu.ts';

/**
 * STM32F103: USB and bxCAN share one 512-byte SRAM and cannot be used at once (RM0008 rev 21, section 24.2). Klipper's
 * build drops the bridge for it.
 */
const stm32f1 = 'its USB and CAN peripherals share one block of memory and cannot run at the same time';

/**
 * Why an MCU cannot be a USB-to-CAN bridge, as a clause after "cannot be a USB-to-CAN bridge:"; null if nothing
 * contradicts. Takes an MCU's name or a marking, in any case.
 */
export function whyNoBridge(mcu: string): string | null {
  if (/^stm32f1/i.test(mcu)) return stm32f1;
  const known = mcuNames.find((name) => mcu.toUpperCase().startsWith(mcuFacts[name].label.toUpperCase()));
  return known === undefined ? null : mcuFacts[known].can.noBridge;
}

/** The same as a complete sentence. `STM32F103` for every name of that family. */
export function noBridgeSentence(mcu: string): string | null {
  const reason = whyNoBridge(mcu);
  return reason === null
    ? null
    : `An ${mcu.slice(0, 9).toUpperCase()} cannot be a USB-to-CAN bridge: ${reason}.`;
}
