import { readFile } from 'node:fs/promises';
import { CanopusError } from '../../app/errors.ts';
import type { ImageInfo } from '../../app/image/image-info.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';

/** An image file's bytes with what they say about themselves. */
export interface LoadedImage {
  /** For messages: the file's name as it was given. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly info: ImageInfo;
}

/** Larger than the largest STM32F4 flash: nothing worth reading. */
const maxFileBytes = 4 * 1024 * 1024;

/**
 * Reads and inspects an image file.
 * Throws `image/unreadable` where the file cannot be read, and what `inspectImage` throws for what is no image.
 */
export async function loadImage(file: string): Promise<LoadedImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new CanopusError('image/unreadable', `${file} cannot be read.`, { file }, { cause });
  }
  if (bytes.length > maxFileBytes) {
    throw new CanopusError('image/not-an-image', `${file} has ${bytes.length} bytes: too large for any STM32F4.`, {
      file,
      size: bytes.length,
    });
  }
  return { name: file, bytes, info: await inspectImage(bytes) };
}
