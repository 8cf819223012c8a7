import { flashStart } from '../mcu/stm32-memory.ts';
import { readMemory } from './dfu-read.ts';
import type { DfuSession } from './dfu-session.ts';
import type { DfuTarget } from './dfu-target.ts';

/** Receives the content of flash before anything is erased. The caller owns the file. */
export interface BackupSink {
  /** What the chip reports about itself, before the first byte. Throws if there is no room for its flash. */
  begin(target: DfuTarget): Promise<void>;
  /** Bytes in ascending order without gaps, from 0x08000000. */
  write(bytes: Uint8Array, address: number): Promise<void>;
  /** Resolves once the backup is complete and safe: on disk and renamed; nothing is erased before. */
  complete(): Promise<void>;
}

/**
 * Reads all of flash into `sink`, yielding the number of bytes that the sink has. The next transfer runs while the sink
 * stores the last one. Throws as `readMemory` and the sink do.
 */
export async function* backUpFlash(
  session: DfuSession,
  sink: BackupSink,
  target: DfuTarget,
): AsyncGenerator<number, void, void> {
  const { flashBytes } = target;
  await sink.begin(target);
  let stored: Promise<number> = Promise.resolve(0);
  let done = 0;
  try {
    for await (const piece of readMemory(session, flashStart, flashBytes)) {
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
