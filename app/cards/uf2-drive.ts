import { CanopusError } from '../errors.ts';
import { planPicoboot } from '../flash/picoboot-plan.ts';
import type { ImageInfo } from '../image/image-info.ts';
import { isRpMcu, type RpMcu } from '../mcu/rp-boot.ts';
import { rpFlash } from '../mcu/rp-memory.ts';
import { uf2Families } from '../protocols/uf2/families.ts';
import { writeUf2 } from '../protocols/uf2/file.ts';

/** What the drive of a boot ROM is called in the file that describes it. */
export const uf2InfoFile = 'INFO_UF2.TXT';

/**
 * The board ids of the boot ROMs (RP2040 datasheet, 2.8.4.1; RP2350 datasheet, 5.5.2). A maker may set another one in an
 * RP2350's OTP: such a drive is not written.
 */
const chips: Readonly<Record<string, RpMcu>> = { 'RPI-RP2': 'rp2040', RP2350: 'rp2350' };

/**
 * The chip whose boot ROM offers a drive with this INFO_UF2.TXT; null for any other drive. Lines are `Board-ID: RPI-RP2`
 * (Microsoft, "USB Flashing Format (UF2)", "Files exposed by bootloaders").
 */
export function chipOfUf2Drive(info: string): RpMcu | null {
  if (!info.startsWith('UF2 Bootloader ')) return null;
  const id = /^Board-ID:[ \t]*(\S+)[ \t]*$/m.exec(info)?.[1] ?? '';
  return Object.hasOwn(chips, id) ? (chips[id] ?? null) : null;
}

/** The family that each boot ROM takes (RP2350 datasheet, 5.5.3). */
const families: Readonly<Record<RpMcu, number>> = {
  rp2040: uf2Families.rp2040,
  rp2350: uf2Families.rp2350Arm,
};

/**
 * A Katapult as a UF2 file: its pages, and a page of zeros where its application begins, so that it stays in flash as the
 * only program and does not start what was there before. Throws `image/wrong-kind`, `image/wrong-mcu`, `image/truncated`,
 * `image/does-not-fit`, `image/wrong-address`; each `untouched`.
 */
export function katapultAsUf2(image: Uint8Array, info: ImageInfo, mcu: RpMcu): Uint8Array {
  const refusal = (code: 'image/wrong-kind' | 'image/wrong-mcu', message: string): CanopusError =>
    new CanopusError(code, message, { kind: info.kind, image: info.mcu, board: mcu }, { state: 'untouched' });
  if (info.kind !== 'katapult' || info.launchAddress === null)
    throw refusal('image/wrong-kind', 'The image must be Katapult, but it is not.');
  if (info.mcu === null || !isRpMcu(info.mcu) || info.mcu !== mcu) {
    const found = info.mcu ?? 'an MCU that it does not name';
    throw refusal('image/wrong-mcu', `The image is for ${found}, but the drive is that of an ${mcu}.`);
  }
  const { launchAddress: applicationAddress } = info;
  const { expected } = planPicoboot({ mcu, image, applicationAddress, flashBytes: null });
  return writeUf2(families[mcu], [
    { address: rpFlash.start, bytes: expected },
    { address: applicationAddress, bytes: new Uint8Array(rpFlash.pageBytes) },
  ]);
}
