import { CanopusError } from '../../app/errors.ts';
import type { ImageInfo } from '../../app/image/image-info.ts';
import { inspectImage, maxImageBytes } from '../../app/image/inspect-image.ts';
import { runInThread } from '../files/run-in-thread.ts';
import type { CheckedBundle } from './check-bundle.ts';
import type { CheckOrder } from './check-thread.ts';
import program from './check-thread.ts?thread';

/** A bundle of 128 MB takes some seconds; a slow computer may need ten times as long. */
const bundleMs = 60_000;
const imageMs = 10_000;
const maxHeapMb = 256;

/** `checkBundle` in a thread of its own. Throws `cache/bad-bundle`, `cache/forged-bundle`, `cancelled`. */
export async function checkBundleOutside(
  zip: Uint8Array,
  name: string,
  { keys, signal }: { readonly keys: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<CheckedBundle> {
  const order: CheckOrder = { order: 'bundle', zip, name, keys };
  const refuse = (why: string): CanopusError =>
    new CanopusError('cache/bad-bundle', `${name} is not a valid bundle: ${why}`, { name, why });
  return (await runInThread(program, order, {
    timeoutMs: bundleMs,
    maxHeapMb,
    signal,
    refuse,
  })) as CheckedBundle;
}

/** `inspectImage` in a thread of its own. Throws `image/not-an-image`, `cancelled`. */
export async function inspectImageOutside(image: Uint8Array, signal?: AbortSignal): Promise<ImageInfo> {
  // What is larger than any flash is refused before anything is read, and is not worth a copy.
  if (image.length > maxImageBytes) return inspectImage(image);
  const order: CheckOrder = { order: 'image', image };
  const refuse = (why: string): CanopusError =>
    new CanopusError('image/not-an-image', `This file is not an STM32 firmware image: ${why}.`, {
      reason: why,
      file: null,
      size: image.length,
    });
  return (await runInThread(program, order, { timeoutMs: imageMs, maxHeapMb, signal, refuse })) as ImageInfo;
}
