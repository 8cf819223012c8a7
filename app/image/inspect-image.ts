import { sha256Hex } from '../sha256.ts';
import { CanopusError } from '../errors.ts';
import { findDictionary } from './dictionary.ts';
import { nameFileKind } from './file-kinds.ts';
import type { ImageDescription, ImageInfo } from './image-info.ts';
import { describeKatapult, findCarriedKatapult, isKatapult } from './katapult-image.ts';
import { describeKlipper, klipperMcu } from './klipper-image.ts';
import { findApplicationAddress, findImageEnd } from './start-up.ts';
import { readVectorTable } from './vector-table.ts';
import { hex32 } from '../hex.ts';
import { readWords } from './words.ts';

/** Twice the flash of the largest STM32: whatever is larger is no image. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Reads out of a firmware image, whatever its file name, what it says about itself.
 * Throws `image/not-an-image` with a guess at what the file is instead.
 */
export async function inspectImage(bytes: Uint8Array): Promise<ImageInfo> {
  const description = describeImage(bytes);
  return { ...description, sha256: await sha256Hex(bytes) };
}

/** `inspectImage` without the hash, at once. `bytes` may be a flash dump: what follows the image does not matter. */
export function describeImage(bytes: Uint8Array): ImageDescription {
  if (bytes.length > maxBytes)
    throw notAnImage(bytes, `the file has ${bytes.length} bytes, more than any flash`);
  const words = readWords(bytes);
  const vectors = readVectorTable(words);
  if (!vectors)
    throw notAnImage(bytes, nameFileKind(bytes) ?? nameForeignImage(bytes) ?? 'it has no vector table');

  const carriedAt = isKatapult(bytes, vectors) ? null : findCarriedKatapult(bytes);
  // A carried image has addresses of its own.
  const ownWords = carriedAt === null ? words : words.subarray(0, carriedAt >>> 2);
  const imageEnd = findImageEnd(ownWords);
  const applicationAddress = findApplicationAddress(ownWords, bytes.length, vectors, imageEnd);
  const base = {
    kind: 'unknown',
    mcu: null,
    applicationAddress,
    launchAddress: null,
    initialStackPointer: vectors.initialStackPointer,
    resetVector: vectors.resetVector,
    version: null,
    usb: null,
    can: null,
    clockHz: null,
    crystalHz: null,
    truncation: nameMissingEnd(bytes.length, applicationAddress, imageEnd, vectors.highestHandler),
    size: bytes.length,
    dictionary: null,
  } as const satisfies ImageDescription;

  if (isKatapult(bytes, vectors)) return describeKatapult(bytes, words, base);
  if (carriedAt !== null) {
    const { mcu, launchAddress, version, usb, truncation } = describeImage(bytes.subarray(carriedAt));
    return {
      ...base,
      kind: 'deployer',
      mcu,
      launchAddress,
      version,
      usb,
      truncation: base.truncation ?? truncation,
    };
  }
  const search = findDictionary(bytes);
  if (search.found === 'whole') return describeKlipper(search.dictionary, words, base);
  if (search.found === 'nothing') return base;
  return {
    ...base,
    kind: 'klipper',
    truncation: base.truncation ?? 'its data dictionary is cut short or damaged',
  };
}

function nameMissingEnd(
  size: number,
  address: number | null,
  imageEnd: number | null,
  highestHandler: number,
): string | null {
  if (address !== null && imageEnd !== null && imageEnd > address + size) {
    return `${imageEnd - address - size} of ${imageEnd - address} bytes are missing at its end`;
  }
  // Without an address this judges by the lowest one possible for a handler that far into flash.
  const lastByte = (address ?? 0x08020200) + size;
  return highestHandler >= lastByte ? `a handler at ${hex32(highestHandler)} lies behind its end` : null;
}

/** Klipper for an MCU that does not start with a vector table in STM32 flash still says what it is for. */
function nameForeignImage(bytes: Uint8Array): string | null {
  const search = findDictionary(bytes);
  if (search.found !== 'whole') return null;
  const mcu = klipperMcu(search.dictionary);
  return mcu === null ? null : `it is Klipper for ${mcu}, which is no STM32`;
}

function notAnImage(bytes: Uint8Array, reason: string): CanopusError {
  return new CanopusError('image/not-an-image', `This file is not an STM32 firmware image: ${reason}.`, {
    reason,
    size: bytes.length,
  });
}
