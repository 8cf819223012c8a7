import { readFile } from 'node:fs/promises';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { CanopusError } from '../../app/errors.ts';
import { unknownBoard, type BoardExpectation } from '../../app/image/board-expectation.ts';
import { checkImages } from '../../app/image/check-image.ts';
import type { ImageInfo } from '../../app/image/image-info.ts';
import type { Images } from '../../app/image/image-parts.ts';
import { imageContent } from '../../app/image/image-content.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { systemErrorCode } from '../files/file-errors.ts';

/** An image file's bytes with the facts in them. */
export interface LoadedImage {
  /** For messages: the file's name as given. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly info: ImageInfo;
  /** The origin of an image from the cache. */
  readonly record?: ImageRecord;
}

/** The images of one order, checked against its board and against each other. */
export interface BoardImages extends Images<LoadedImage> {
  readonly board: BoardExpectation;
}

/** Larger than any image: not worth reading. */
const maxFileBytes = 4 * 1024 * 1024;

/**
 * Reads and inspects an image file, plain or UF2. Throws `image/unreadable` if the file cannot be read, and what `inspectImage`
 * throws if it is not an image.
 */
export async function loadImage(file: string): Promise<LoadedImage> {
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (cause) {
    const reason = systemErrorCode(cause);
    const why = reason === 'EISDIR' ? 'is a folder' : `cannot be read (${reason ?? 'unknown'})`;
    throw new CanopusError('image/unreadable', `${file} ${why}.`, { file, reason }, { cause });
  }
  if (content.length > maxFileBytes) {
    const message = `${file} has ${content.length} bytes: too large for any image.`;
    throw new CanopusError('image/not-an-image', message, { file, size: content.length });
  }
  const bytes = imageContent(content);
  return { name: file, bytes, info: await inspectImage(bytes) };
}

/**
 * Checks the images of one order, before any device is opened: each against the preset, and the two against each other.
 * Throws `image/…`.
 */
export function checkBoardImages<T extends Images<LoadedImage>>(
  images: T,
  board: BoardExpectation = unknownBoard,
): T & BoardImages {
  const { bootloader, application } = images;
  checkImages({ bootloader: bootloader?.info ?? null, application: application?.info ?? null }, board);
  return { ...images, board };
}
