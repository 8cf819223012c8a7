import { findDictionary } from './dictionary.ts';
import type { ImageInfo } from './image-info.ts';

/**
 * The source of a running Klipper's CAN UUID, as far as its image states it: Klipper itself only uses `chip`. Kalico
 * can be built with a fixed UUID (Kconfig CAN_UUID_CUSTOM, since February 2024) and its dictionary does not say so; nor
 * does that of any other fork: then it is `unknown`, and a UUID computed from the chip may be wrong.
 */
type UuidSource = 'chip' | 'unknown';

export function uuidSourceOf(image: { readonly info: ImageInfo; readonly bytes: Uint8Array }): UuidSource {
  const search = image.info.dictionary === null ? findDictionary(image.bytes) : null;
  const found = search?.found === 'whole' ? search.dictionary : null;
  const dictionary = image.info.dictionary ?? found;
  // Dictionaries older than v0.9 name no application; the bridge is younger.
  return dictionary?.['app'] === 'Klipper' ? 'chip' : 'unknown';
}
