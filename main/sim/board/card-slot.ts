import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../../files/file-errors.ts';

/** A maker's bootloader that takes firmware from an SD card: under this name, for this place of flash. */
export interface CardBootloader {
  readonly file: string;
  readonly offsetKiB: number;
}

/**
 * The file that a maker's bootloader takes from the card in its slot, which it then renames to .CUR, as many do; null if
 * there is none.
 */
export function takeFromCard(folder: string, { file }: CardBootloader): Uint8Array | null {
  try {
    const path = join(folder, file);
    const bytes = readFileSync(path);
    renameSync(path, path.replace(/\.[^.]+$/, '.CUR'));
    return bytes;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
