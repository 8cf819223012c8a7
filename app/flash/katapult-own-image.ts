import { isCanopusError } from '../errors.ts';
import type { ImageDescription } from '../image/image-info.ts';
import { describeImage } from '../image/inspect-image.ts';
import { flashStartOf } from '../mcu/mcu.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';
import { connectKatapult } from './katapult-connect.ts';
import { byteLine, type KatapultLine } from './katapult-line.ts';
import { runPipeline } from './katapult-pipeline.ts';
import { KatapultSession } from './katapult-session.ts';
import { fetchStep } from './katapult-steps.ts';
import { readWindow } from './katapult-window.ts';

/** No build of Katapult for STM32F4 is larger: those of v0.0.1-109 have 5 KiB. */
const ownBytes = 8 * 1024;

/**
 * The facts of the Katapult on `link`, from its own image in flash: it handles REQUEST_BLOCK for every address
 * (Katapult, src/flashcmd.c, `command_read_block`). Null if the content cannot be identified. Changes nothing. Throws
 * as `connectKatapult` and `runPipeline` do.
 */
export async function readOwnImage(
  link: ByteLink,
  options: { readonly clock: Clock; readonly signal?: AbortSignal | undefined; readonly line?: KatapultLine },
): Promise<ImageDescription | null> {
  const { clock, signal, line = byteLine } = options;
  const session = new KatapultSession(link, clock);
  const { applicationAddress, blockSize, mcu } = await connectKatapult(session, options);
  const flashStart = flashStartOf(mcu);
  const length = Math.min(ownBytes, applicationAddress - flashStart);
  if (length <= 0) return null;
  const bytes = new Uint8Array(Math.ceil(length / blockSize) * blockSize);
  const steps = Array.from({ length: bytes.length / blockSize }, (_, index) =>
    fetchStep(flashStart + index * blockSize, blockSize, (data) => bytes.set(data, index * blockSize)),
  );
  const window = line.window ?? readWindow(blockSize, mcu);
  const reading = runPipeline(session, steps, { window, losesFrames: line.losesFrames, signal });
  while ((await reading.next()).done !== true);
  try {
    const image = describeImage(bytes.subarray(0, length));
    return image.kind === 'katapult' ? image : null;
  } catch (error) {
    if (isCanopusError(error, 'image/not-an-image')) return null;
    throw error;
  }
}
