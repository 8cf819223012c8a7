import { mkdir } from 'node:fs/promises';
import type { CardDrives, Drive } from './card-drives.ts';

const cardBytes = 64 << 20;

/** The one card of a virtual bench: a folder, from which its virtual boards take firmware while it is in their slot. */
export function virtualDrives(folder: string, isHere: () => boolean): CardDrives {
  const card: Drive = {
    id: `virtual ${folder}`,
    path: folder,
    label: 'VIRTUAL',
    fileSystem: 'FAT32',
    totalBytes: cardBytes,
    freeBytes: cardBytes,
    isReadOnly: false,
    isVirtual: true,
    isRemovable: true,
    device: folder,
  };
  return {
    list: async () => {
      await mkdir(folder, { recursive: true });
      return isHere() ? [card] : [];
    },
    // It stays where it is.
    eject: () => Promise.resolve(),
  };
}
