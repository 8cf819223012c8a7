import { findDictionary } from './dictionary.ts';
import type { ImageInfo } from './image-info.ts';

/**
 * Where a running Klipper has its CAN UUID from, as far as its image tells: `chip` is Klipper's only way. Kalico can be
 * built with a UUID of its own (Kconfig CAN_UUID_CUSTOM, since February 2024) and its dictionary does not say so; nor does
 * that of any other fork: then it is `unknown`, and what is computed from the chip may be wrong.
 */
type UuidSource = 'chip' | 'unknown';

export function uuidSourceOf(image: { readonly info: ImageInfo; readonly bytes: Uint8Array }): UuidSource {
  const search = image.info.dictionary === null ? findDictionary(image.bytes) : null;
  const found = search?.found === 'whole' ? search.dictionary : null;
  const dictionary = image.info.dictionary ?? found;
  // Older dictionaries than v0.9 name no application; the bridge is younger.
  return dictionary?.['app'] === 'Klipper' ? 'chip' : 'unknown';
}
