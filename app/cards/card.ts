import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';

/** A removable drive that is mounted, as its system lists it. Null: the system does not say. */
export const cardSchema = z.object({
  /** Names this card in this place until it is taken out; another card in the same slot has another. */
  id: z.string().check(z.minLength(1), z.maxLength(2000)),
  /** The folder or drive letter under which its files are: `/media/me/BOOT`, `E:\`. */
  path: z.string(),
  label: z.nullable(z.string()),
  /** As the system names it: `vfat`, `FAT32`, `exfat`. */
  fileSystem: z.nullable(z.string()),
  totalBytes: z.nullable(z.int()),
  freeBytes: z.nullable(z.int()),
  isReadOnly: z.nullable(z.boolean()),
  isVirtual: z.boolean(),
});

export type Card = Plain<z.infer<typeof cardSchema>>;

/** FAT12, FAT16 and FAT32, by their names on Linux, Windows and macOS. */
const fatNames = /^(?:vfat|msdos|ms-dos|fat(?:12|16|32)?)\b/i;

/** Whether a board's bootloader can read a file system of this name; exFAT and NTFS it cannot. */
export function isFat(fileSystem: string | null): boolean {
  return fileSystem !== null && fatNames.test(fileSystem);
}
