import { CanopusError } from '../errors.ts';
import { rpApplicationOffset, rpFlash } from '../mcu/rp-memory.ts';
import { beginsLikeUf2 } from '../protocols/uf2/block.ts';
import { uf2Families } from '../protocols/uf2/families.ts';
import { readUf2, type Uf2Segment } from '../protocols/uf2/file.ts';

/** Families that a build for RP2040 or RP2350 may name; those of Klipper and Katapult name the first for both. */
const families: readonly (number | null)[] = [uf2Families.rp2040, uf2Families.rp2350Arm];

/**
 * What a file has for flash: the image in a UF2 file for RP2040 or RP2350, any other file as it is. The page of zeros
 * that `katapult.withclear.uf2` has at the start of the application is left out: installing Katapult clears that anyway.
 * Throws `image/not-an-image` for such a UF2 file that is damaged or holds more than one image.
 */
export function imageContent(file: Uint8Array): Uint8Array {
  if (!beginsLikeUf2(file)) return file;
  const reading = readUf2(file);
  if (reading.damaged !== null) throw notAnImage(file, `this UF2 file ${reading.damaged}`);
  const images = reading.images.filter(({ family }) => families.includes(family));
  // Of another chip, which inspecting it names.
  if (images.length === 0) return file;
  const [image, ...others] = images.flatMap(({ segments }) => segments).filter((each) => !isClear(each));
  if (image === undefined || others.length > 0)
    throw notAnImage(file, 'this UF2 file does not hold one image without gaps');
  return image.bytes;
}

function isClear({ address, bytes }: Uf2Segment): boolean {
  const isThere = address === rpFlash.start + rpApplicationOffset && bytes.length === rpFlash.pageBytes;
  return isThere && bytes.every((byte) => byte === 0);
}

function notAnImage(file: Uint8Array, text: string): CanopusError {
  return new CanopusError('image/not-an-image', `This file is not a firmware image: ${text}.`, {
    reason: text,
    file: 'uf2',
    size: file.length,
  });
}
