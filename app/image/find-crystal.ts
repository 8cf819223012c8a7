import type { ClockRegister } from '../mcu/clock-facts.ts';
import { mcuFacts, type McuName } from '../mcu/mcu.ts';
import { findStoredWords } from './thumb/stored-words.ts';
import { halvesOf, onlyOne } from './words.ts';

/**
 * The crystal that an image configures its clock for, 0 for the internal oscillator. Null if no clock set-up is found
 * in its code, if one cannot be read or is none of the firmwares', if several differ, or if boards with this MCU have no
 * choice.
 *
 * What counts is the value that the code stores in the register: GCC 12 and 14 load it as a literal, GCC 8 computes most
 * of them from the reset value. A literal alone proves nothing, but one for another crystal contradicts.
 *
 * A 25 MHz build for F446 divides by 12 like a 24 MHz build and is reported as 24 MHz: that is the crystal it would
 * work with (with 25 MHz the USB clock is 50 MHz and nothing enumerates).
 */
export function findCrystal(words: Uint32Array, mcu: McuName): number | null {
  const { clock } = mcuFacts[mcu];
  if (clock === null) return null;
  const halves = halvesOf(words);
  const crystals: number[] = [];
  for (const set of combinations(clock.registers.map((register) => findSetUp(halves, register)))) {
    const crystalHz = set.includes(null) ? null : clock.crystalOf(set.filter((word) => word !== null));
    if (crystalHz === null) return null;
    crystals.push(crystalHz);
  }
  if (crystals.length === 0) return null;
  for (const word of clock.isDistinct ? words : []) {
    const crystalHz = clock.crystalOf([word]);
    if (crystalHz !== null) crystals.push(crystalHz);
  }
  return onlyOne(crystals);
}

/** What code stores in a register beside its reset value, each once; null for a value that code does not show. */
function findSetUp(halves: Uint16Array, register: ClockRegister): readonly (number | null)[] {
  const { address, resetValues, isAlsoChanged } = register;
  const stored = new Set(findStoredWords(halves, address));
  return [...stored].filter((word) => (word === null ? !isAlsoChanged : !resetValues.includes(word)));
}

/** Every choice of one value of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (chosen, list) => chosen.flatMap((begin) => list.map((value) => [...begin, value])),
    [[]],
  );
}
