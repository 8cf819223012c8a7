import { sha256Hex } from '../sha256.ts';
import { CanopusError, isCanopusError } from '../errors.ts';
import type { MemoryMap } from '../mcu/memory-map.ts';
import { findDictionary } from './dictionary.ts';
import { nameFileKind, type FileKind } from './file-kinds.ts';
import type { ImageDescription, ImageInfo } from './image-info.ts';
import { parseIntelHex } from './intel-hex.ts';
import { describeKatapult, findCarriedKatapult, isKatapult } from './katapult-image.ts';
import { describeKlipper, klipperMcu } from './klipper-image.ts';
import { findApplicationAddress, findImageEnd } from './start-up.ts';
import { findVectorTable, type VectorTable } from './vector-table.ts';
import { hex32 } from '../hex.ts';
import { readWords } from './words.ts';

/** Twice the flash of the largest STM32: a larger file is not an image. */
export const maxImageBytes = 4 * 1024 * 1024;

/**
 * Reads from a firmware image, whatever its file name, what it states about itself. Throws `image/not-an-image` with a
 * guess at what the file is instead.
 */
export async function inspectImage(bytes: Uint8Array): Promise<ImageInfo> {
  const description = describeImage(bytes);
  return { ...description, sha256: await sha256Hex(bytes) };
}

/**
 * `inspectImage` without the hash, synchronous. `bytes` may be a flash dump: what follows the image does not matter.
 */
export function describeImage(bytes: Uint8Array): ImageDescription {
  if (bytes.length > maxImageBytes)
    throw notAnImage(bytes, { kind: null, text: `the file has ${bytes.length} bytes, more than any flash` });
  const words = readWords(bytes);
  const found = findVectorTable(words);
  if (found === null) throw notAnImage(bytes, nameKind(bytes));
  const { vectors, memory } = found;

  const isBootloader = isKatapult(bytes, vectors, memory);
  const carriedAt = isBootloader ? null : findCarriedKatapult(bytes, memory);
  // A contained image has its own addresses.
  const ownWords = carriedAt === null ? words : words.subarray(0, carriedAt >>> 2);
  const imageEnd = findImageEnd(ownWords, memory);
  const applicationAddress = findApplicationAddress(ownWords, bytes.length, vectors, imageEnd, memory);
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
    truncation: nameMissingEnd(bytes.length, applicationAddress, imageEnd, vectors, memory),
    size: bytes.length,
    dictionary: null,
  } as const satisfies ImageDescription;

  if (isBootloader) return describeKatapult(bytes, words, base, memory);
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
  if (search.found === 'whole') return describeKlipper(search.dictionary, bytes, words, base);
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
  { highestHandler }: VectorTable,
  { flash, applicationOffsets }: MemoryMap,
): string | null {
  if (address !== null && imageEnd !== null && imageEnd > address + size) {
    return `${imageEnd - address - size} of ${imageEnd - address} bytes are missing at its end`;
  }
  // Without an address, use the lowest one possible for a handler that far into flash.
  const lastByte = (address ?? flash.start + Math.max(...applicationOffsets.klipper)) + size;
  return highestHandler >= lastByte ? `a handler at ${hex32(highestHandler)} lies behind its end` : null;
}

function nameKind(bytes: Uint8Array): FileKind {
  const kind = nameFileKind(bytes);
  if (kind?.kind === 'hex') return nameHex(bytes);
  return kind ?? { kind: null, text: nameForeignImage(bytes) ?? 'it has no vector table' };
}

/** A build leaves a .bin file beside its HEX file; a maker's own bootloader often comes only as HEX. */
function nameHex(bytes: Uint8Array): FileKind {
  const content = parseIntelHex(new TextDecoder('latin1').decode(bytes));
  if (content === null) return { kind: null, text: 'this is an Intel HEX file that is cut short or damaged' };
  const described = describeContent(content.bytes);
  if (described !== null && described.kind !== 'unknown') {
    const { kind, mcu } = described;
    const name = kind === 'klipper' ? 'Klipper' : kind === 'katapult' ? 'Katapult' : "Katapult's deployer";
    const text = `this is an Intel HEX file of ${name} for ${mcu ?? 'an unknown MCU'}, choose the .bin file of that build`;
    return { kind: null, text };
  }
  const where = `${content.bytes.length} bytes for ${hex32(content.address)} on`;
  return {
    kind: 'hex',
    text: `this is an Intel HEX file of ${where} that is neither Katapult nor Klipper, as makers' own bootloaders are`,
  };
}

function describeContent(bytes: Uint8Array): ImageDescription | null {
  try {
    return describeImage(bytes);
  } catch (error) {
    if (isCanopusError(error, 'image/not-an-image')) return null;
    throw error;
  }
}

/** Klipper for an MCU whose image does not start with a vector table in STM32 flash still states its MCU. */
function nameForeignImage(bytes: Uint8Array): string | null {
  const search = findDictionary(bytes);
  if (search.found !== 'whole') return null;
  const mcu = klipperMcu(search.dictionary);
  return mcu === null ? null : `it is Klipper for ${mcu}, which is not flashed here`;
}

function notAnImage(bytes: Uint8Array, { kind, text }: FileKind): CanopusError {
  return new CanopusError('image/not-an-image', `This file is not a firmware image: ${text}.`, {
    reason: text,
    file: kind,
    size: bytes.length,
  });
}
