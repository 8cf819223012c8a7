import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

interface ReadBack {
  readonly bytes: Uint8Array;
  /** False if the system may have returned what it remembered of the file. */
  readonly isFromMedium: boolean;
}

/** A page: more than any drive asks for. */
const alignment = 4096;
/** What every allocator keeps. */
const step = 16;

/**
 * Reads a file of at most `maxBytes` from its medium: on Linux past the page cache (open(2), O_DIRECT), which needs a
 * buffer at a multiple of the drive's block; where one begins is found by trying, since Node shows no addresses. Other
 * systems and file systems without it read it in the usual way.
 */
export async function readPastCache(path: string, maxBytes: number): Promise<ReadBack> {
  if (process.platform === 'linux') {
    const bytes = await readDirectly(path, maxBytes);
    if (bytes !== null) return { bytes, isFromMedium: true };
  }
  await using file = await open(path, 'r');
  const room = Buffer.alloc(maxBytes + 1);
  return { bytes: await readAll(file, room), isFromMedium: false };
}

/** Null if the file system has no such way. */
async function readDirectly(path: string, maxBytes: number): Promise<Uint8Array | null> {
  const length = Math.ceil((maxBytes + 1) / alignment) * alignment;
  const room = Buffer.alloc(length + alignment);
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_DIRECT);
    for (let at = 0; at < alignment; at += step) {
      const bytes = await readAll(file, room.subarray(at, at + length)).catch(refusedAlignment);
      if (bytes !== null) return bytes;
    }
  } catch (error) {
    refusedAlignment(error);
  }
  return null;
}

function refusedAlignment(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'EINVAL') return null;
  throw error;
}

/** A direct read ends short only at the end of the file. */
async function readAll(file: FileHandle, room: Buffer): Promise<Uint8Array> {
  let filled = 0;
  while (filled < room.length) {
    const { bytesRead } = await file.read(room, filled, room.length - filled, filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled % alignment !== 0) break;
  }
  return room.subarray(0, filled);
}
