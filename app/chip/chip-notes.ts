import { mcuFacts, mcuLabel } from '../mcu/mcu.ts';
import type { ChipFacts } from './chip-facts.ts';
import { fittingMcus, serialFormFits, toldFlashKiB } from './judge-mcu.ts';
import type { WantedChip } from './wanted-chip.ts';

/** For people: what was checked against the choice, what the chip does not report, and what was not checked. */
export function notesOn(facts: ChipFacts, wanted: WantedChip): readonly string[] {
  const { mcu, variants, marking } = wanted;
  const { isWhole, optionBytes, otp, serial, uid, flashSizeKiB } = facts;
  const held = [`${toldFlashKiB(facts)} KiB of flash and its sectors`];
  if (optionBytes !== null) held.push('option bytes');
  if (otp !== null) held.push('OTP memory');
  if (serialFormFits(mcu, facts) === true) held.push('the form of its serial number');
  if (marking !== null) held.push(`the marking ${marking} read off it`);
  const untold = ['its MCU'];
  if (!isWhole) untold.push('all of its flash');
  if (optionBytes === null) untold.push('its option bytes');
  if (otp === null) untold.push('its OTP memory');
  if (serial === null) untold.push('a serial number');
  if (uid === null) untold.push('its UID');
  if (flashSizeKiB === null) untold.push('its flash size register');
  const notes = [
    `The chip was checked against the ${mcuLabel(mcu)} by ${listed(held)}. It does not report ${listed(untold, 'or')}.`,
  ];
  const twins = fittingMcus(facts).filter((other) => other !== mcu);
  if (twins.length > 0 && marking === null) {
    const names = listed(
      twins.map((twin) => mcuLabel(twin)),
      'or',
    );
    notes.push(`By its facts it may also be an ${names}.`);
  }
  if (mcuFacts[mcu].romDfu?.keepsEmptyFlag === true)
    notes.push(
      `An ${mcuLabel(mcu)} that was empty may come back in DFU after this: then power it off and on once.`,
    );
  if (variants.length === 0)
    notes.push(
      'No board was named: only the MCU of the image was checked against the chip, not the crystal and the pins of the board.',
    );
  const known = variants.flatMap((variant) => variant.markings);
  if (marking !== null && known.length > 0 && !known.some((each) => marking.startsWith(each)))
    notes.push(`The chip is marked ${marking}; this board is known with ${listed(known, 'or')}.`);
  return notes;
}

/** `a, b and c` */
function listed(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}
