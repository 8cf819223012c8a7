import { searchWords, sightInWindow, sightWords } from '../../app/words.ts';

type SightName = keyof typeof sightWords;

/** What the port shows of a board that was started and should appear. */
export function sightText(sight: SightName, builtForHz: number | null): string {
  return sightWords[sight](sightInWindow, builtForHz);
}

const mhz = (crystalHz: number): string => `${crystalHz / 1e6} MHz`;

/** The search for the crystal of a board that stays silent. */
export const rescueTexts = {
  offerTitle: 'The board may have a different crystal',
  offerText: (crystalsHz: readonly number[]) =>
    `Firmware built for the wrong crystal never shows on USB. Canopus can find the right one: it writes a small bootloader for ${crystalsHz.map(mhz).join(', ')} in turn, and you press reset in between. It then uses that crystal for this board, and remembers it.`,
  begin: 'Find the crystal',
  crystal: 'Crystal',
  foundCrystal: (crystalHz: number) => `${mhz(crystalHz)}, found on this board`,
  stages: searchWords,
};
