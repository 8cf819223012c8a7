import { searchWords, sightInWindow, sightWords } from '../../app/words.ts';

type SightName = keyof typeof sightWords;

/** What is seen of a board that was started and is waited for. */
export function sightText(sight: SightName, builtForHz: number | null): string {
  return sightWords[sight](sightInWindow, builtForHz);
}

const mhz = (crystalHz: number): string => `${crystalHz / 1e6} MHz`;

/** The search for the crystal of a board that stays silent. */
export const rescueTexts = {
  offerTitle: 'The board may have another crystal',
  offerText: (crystalsHz: readonly number[]) =>
    `Firmware that was built for another crystal never shows on USB. Canopus can find out which one this board has: it writes a small bootloader for ${crystalsHz.map(mhz).join(', ')} in turn, and you press reset in between. What is found is used for the rest, and remembered.`,
  begin: 'Find the crystal',
  crystal: 'Crystal',
  foundCrystal: (crystalHz: number) => `${mhz(crystalHz)}, found on this board`,
  stages: searchWords,
};
