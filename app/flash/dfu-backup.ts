import { rangeAround } from '../protocols/dfuse/sectors.ts';
import { flashAddress } from './dfu-open.ts';
import { readMemory } from './dfu-read.ts';
import type { DfuSession } from './dfu-session.ts';

/** Takes what flash holds before anything is erased. The caller owns the file. */
export interface BackupSink {
  /** Bytes in ascending order without gaps, from 0x08000000. */
  write(bytes: Uint8Array, address: number): Promise<void>;
  /** Resolves once the backup is complete and safe, on disk and renamed; nothing is erased before. */
  complete(): Promise<void>;
}

/**
 * Reads all of flash into `sink`, yielding the number of bytes that the sink has. The next transfer runs while the
 * sink stores the last one. Rejects as `readMemory` and as the sink do.
 */
export async function* backUpFlash(
  session: DfuSession,
  sink: BackupSink,
): AsyncGenerator<number, void, void> {
  const flashBytes = rangeAround(session.layout, flashAddress)?.size ?? 0;
  let stored: Promise<number> = Promise.resolve(0);
  let done = 0;
  try {
    for await (const piece of readMemory(session, flashAddress, flashBytes)) {
      const doneBefore = await stored;
      if (doneBefore > 0) yield doneBefore;
      done += piece.bytes.length;
      const doneNow = done;
      stored = sink.write(piece.bytes, piece.address).then(() => doneNow);
      // Awaited one round later; until then a failure is not unhandled.
      stored.catch(() => undefined);
    }
    yield await stored;
  } finally {
    await stored.catch(() => undefined);
  }
  await sink.complete();
}
