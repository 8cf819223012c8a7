import * as z from 'zod/mini';
import type { ImageInfo } from '../../image/image-info.ts';
import { call, describes } from '../define.ts';

export const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const can = z.strictObject({
  role: z.enum(['bridge', 'node', 'none']),
  pins: z.nullable(z.tuple([z.string(), z.string()])),
  bitrateBps: z.nullable(z.number()),
});

/** What an image says about itself, but for Klipper's dictionary, which is large. */
export const imageInfo = describes<Omit<ImageInfo, 'dictionary'>>()(
  z.strictObject({
    kind: z.enum(['katapult', 'klipper', 'deployer', 'unknown']),
    mcu: z.nullable(z.string()),
    applicationAddress: z.nullable(z.int()),
    launchAddress: z.nullable(z.int()),
    initialStackPointer: z.int(),
    resetVector: z.int(),
    version: z.nullable(z.string()),
    usb: z.nullable(z.boolean()),
    can: z.nullable(can),
    clockHz: z.nullable(z.number()),
    crystalHz: z.nullable(z.number()),
    truncation: z.nullable(z.string()),
    size: z.int(),
    sha256,
  }),
);

/** An image that the station holds. */
export const image = z.strictObject({
  /** The file's name as it was brought, for people. */
  name: z.string(),
  source: z.enum(['imported', 'built']),
  addedAt: z.string(),
  info: imageInfo,
});

export const imageEntries = {
  'images.list': call({ input: z.null(), output: z.array(image) }),
  /** Inspects a file and keeps it. The same bytes twice are one image. Rejects with `image/…`. */
  'images.import': call({
    input: z.strictObject({
      name: z.string().check(z.minLength(1), z.maxLength(255)),
      base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
    }),
    output: image,
  }),
};
