import * as z from 'zod/mini';
import { sha256Schema } from '../units.ts';
import type { ImageKind } from './image-info.ts';

/** The parts of flash that have an image of their own: the bootloader, and the application that it starts. */
export const imageParts = ['bootloader', 'application'] as const;

export type ImagePart = (typeof imageParts)[number];

export type ByPart<T> = Readonly<Record<ImagePart, T>>;

/** The images of an order, one at least. Null: that part of flash stays as it is. */
export type Images<T> = ByPart<T | null>;

/** The images of an order after which a board runs. */
export interface RunnableImages<T> extends Images<T> {
  readonly application: T;
}

/** The firmware in each part, for people. */
export const partWords = { bootloader: 'Katapult', application: 'Klipper' } as const satisfies ByPart<string>;

/** Which part an image is for; null for one that is neither. */
export function partOf(kind: ImageKind): ImagePart | null {
  if (kind === 'katapult') return 'bootloader';
  return kind === 'klipper' ? 'application' : null;
}

/** Those that there are, the bootloader first. */
export function presentImages<T>(images: Images<T>): readonly T[] {
  return imageParts.map((part) => images[part]).filter((image) => image !== null);
}

/** The schema of `Images`. */
function imagesOf<T extends z.ZodMiniType>(item: T) {
  return z.strictObject({ bootloader: z.nullable(item), application: z.nullable(item) }).check(
    z.refine((images) => Object.values(images).some((image) => image !== null), {
      error: 'must name an image',
    }),
  );
}

/** The schema of `RunnableImages`. */
export function runnableImagesOf<T extends z.ZodMiniType>(item: T) {
  return z.strictObject({ bootloader: z.nullable(item), application: item });
}

/** Keys of images in the station's cache. For an order: at least one image. */
export const imageKeysSchema = imagesOf(sha256Schema);

/** For an order that ends with a running board. */
export const runnableImageKeysSchema = runnableImagesOf(sha256Schema);
