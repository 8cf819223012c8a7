import { CanopusError } from '../errors.ts';
import { isFat, type Card } from './card.ts';

/** A cluster of the largest FAT, for the entry in the folder. */
const spareBytes = 64 * 1024;

/**
 * Why a file of this size cannot go onto a card, by what its system says of it; null if nothing speaks against it. The
 * old file stays until the new one is there, so both need room.
 */
export function cardProblem(card: Card, bytes: number): CanopusError | null {
  const { path, fileSystem, isReadOnly, freeBytes } = card;
  const refusal = (
    code: 'card/read-only' | 'card/wrong-file-system' | 'card/full',
    message: string,
    details: Readonly<Record<string, string | number>>,
  ): CanopusError => new CanopusError(code, message, { path, ...details }, { state: 'untouched' });
  if (isReadOnly === true) return refusal('card/read-only', `The card at ${path} is write-protected.`, {});
  if (!isFat(fileSystem)) {
    const found = fileSystem ?? 'no file system that this computer knows';
    const message = `The card at ${path} has ${found}; a board's bootloader reads FAT32 only.`;
    return refusal('card/wrong-file-system', message, { fileSystem: found });
  }
  const neededBytes = bytes + spareBytes;
  if (freeBytes === null || freeBytes >= neededBytes) return null;
  const message = `The card at ${path} has ${freeBytes} bytes free, but the file needs ${neededBytes}.`;
  return refusal('card/full', message, { freeBytes, neededBytes });
}
