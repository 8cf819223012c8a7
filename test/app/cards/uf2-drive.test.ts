import { describe, expect, it } from 'vitest';
import { chipOfUf2Drive, katapultAsUf2 } from '../../../app/cards/uf2-drive.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { imageContent } from '../../../app/image/image-content.ts';
import { rpApplicationOffset, rpFlash } from '../../../app/mcu/rp-memory.ts';
import { uf2Families } from '../../../app/protocols/uf2/families.ts';
import { readUf2 } from '../../../app/protocols/uf2/file.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { codeOfRejection } from '../../error-code.ts';

describe('the drive of a boot ROM', () => {
  it.each([
    ['UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n', 'rp2040'],
    ['UF2 Bootloader v1.0\nModel: Raspberry Pi RP2350\nBoard-ID: RP2350\n', 'rp2350'],
    // Other boards have such drives, too.
    ['UF2 Bootloader v1.23\r\nModel: Arduino Zero\r\nBoard-ID: SAMD21G18A-Zero-v0\r\n', null],
    ['Board-ID: RPI-RP2\n', null],
    ['UF2 Bootloader v3.0\nModel: __proto__\nBoard-ID: __proto__\n', null],
    ['', null],
  ])('is known by its INFO_UF2.TXT: %j', (info, chip) => {
    expect(chipOfUf2Drive(info)).toBe(chip);
  });
});

describe('a Katapult as a UF2 file', () => {
  it.each([
    ['rp2040', uf2Families.rp2040],
    ['rp2350', uf2Families.rp2350Arm],
  ] as const)('for an %s holds the image and clears the start of the application', async (mcu, family) => {
    const image = makeKatapultImage({ mcu });
    const file = katapultAsUf2(image, await inspectImage(image), mcu);
    const reading = readUf2(file);
    expect(reading.damaged).toBeNull();
    const [only, ...others] = reading.damaged === null ? reading.images : [];
    expect(others).toEqual([]);
    expect(only?.family).toBe(family);
    const [katapult, clear] = only?.segments ?? [];
    expect(katapult?.address).toBe(rpFlash.start);
    expect(katapult?.bytes.subarray(0, image.length)).toEqual(image);
    expect(clear).toEqual({
      address: rpFlash.start + rpApplicationOffset,
      bytes: new Uint8Array(rpFlash.pageBytes),
    });
    // The station reads its own file as it reads katapult.withclear.uf2.
    expect(imageContent(file).subarray(0, image.length)).toEqual(image);
  });

  it.each([
    ['for the other chip', 'image/wrong-mcu', makeKatapultImage({ mcu: 'rp2350' })],
    ['for an STM32', 'image/wrong-mcu', makeKatapultImage()],
    ['that is Klipper', 'image/wrong-kind', makeKlipperImage({ mcu: 'rp2040' })],
  ])('refuses an image %s', async (_, code, image) => {
    const info = await inspectImage(image);
    expect(await codeOfRejection(() => katapultAsUf2(image, info, 'rp2040'))).toBe(code);
  });
});
