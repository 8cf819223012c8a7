import { mcuFacts, mcuNames } from './mcu.ts';
import { stm32f1Can } from './stm32-can.ts';

/**
 * Why an MCU cannot be a USB-to-CAN bridge, as a clause after "cannot be a USB-to-CAN bridge:"; null if nothing
 * contradicts. Takes an MCU's name or a marking, in any case. All STM32F1 are alike in this.
 */
export function whyNoBridge(mcu: string): string | null {
  if (/^stm32f1/i.test(mcu)) return stm32f1Can.noBridge;
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
