import { zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { describeImage, inspectImage } from '../../../app/image/inspect-image.ts';
import { describeKlipper } from '../../../app/image/klipper-image.ts';
import { makeDeployerImage, makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import { intelHex } from '../../fixtures/intel-hex.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The first block of a UF2 file for a family (Microsoft's UF2 format: flags at 8, family at 28). */
function uf2(family: number): Uint8Array {
  const block = new Uint8Array(512);
  block.set(bytesOf('UF2\n'));
  const view = new DataView(block.buffer);
  view.setUint32(8, 0x2000, true);
  view.setUint32(28, family, true);
  return block;
}

describe('inspectImage', () => {
  it('reports what a Katapult image is', async () => {
    const image = makeKatapultImage({
      mcu: 'stm32f407xx',
      launchAddress: 0x08004000,
      version: 'v0.0.1-5-gabc',
    });
    expect(await inspectImage(image)).toMatchObject({
      kind: 'katapult',
      mcu: 'stm32f407xx',
      applicationAddress: 0x08000000,
      launchAddress: 0x08004000,
      version: 'v0.0.1-5-gabc',
      usb: true,
      can: null,
      clockHz: 168_000_000,
      crystalHz: 8_000_000,
      truncation: null,
      size: image.length,
      dictionary: null,
    });
  });

  it('reports what a Klipper bridge is, its bit rate from the bit timing constant', async () => {
    const image = makeKlipperImage({ mcu: 'stm32f446xx', pins: ['PB8', 'PB9'], bitrateBps: 500_000 });
    const info = await inspectImage(image);
    expect(info).toMatchObject({
      kind: 'klipper',
      mcu: 'stm32f446xx',
      applicationAddress: 0x08008000,
      launchAddress: null,
      usb: true,
      can: { role: 'bridge', pins: ['PB8', 'PB9'], bitrateBps: 500_000 },
      clockHz: 180_000_000,
      crystalHz: 12_000_000,
      truncation: null,
    });
    expect(info.dictionary?.['app']).toBe('Klipper');
  });

  it('takes a Klipper of July 2022, which does not say that it is a bridge, for one by its pins', () => {
    const today = describeImage(makeKlipperImage());
    const config = { MCU: 'stm32f407xx', RESERVE_PINS_CAN: 'PD0,PD1', RESERVE_PINS_USB: 'PA11,PA12' };
    const dictionary = { config, version: 'v0.10.0-503-g790ff4d8d' };
    const { can } = describeKlipper(dictionary, new Uint8Array(), new Uint32Array(), today);
    expect(can).toMatchObject({ role: 'bridge', pins: ['PD0', 'PD1'] });
  });

  it('distinguishes a CAN node and a USB serial build from a bridge', () => {
    expect(describeImage(makeKlipperImage({ role: 'node', bitrateBps: 250_000 }))).toMatchObject({
      usb: false,
      can: { role: 'node', pins: ['PD0', 'PD1'], bitrateBps: 250_000 },
    });
    expect(describeImage(makeKlipperImage({ role: 'none' }))).toMatchObject({
      usb: true,
      can: { role: 'none', pins: null, bitrateBps: null },
    });
  });

  it('knows a deployer by the Katapult in it', () => {
    const katapult = makeKatapultImage({ launchAddress: 0x08004000, version: 'v9' });
    expect(describeImage(makeDeployerImage({ katapult, applicationAddress: 0x08010000 }))).toMatchObject({
      kind: 'deployer',
      mcu: 'stm32f446xx',
      applicationAddress: 0x08010000,
      launchAddress: 0x08004000,
      version: 'v9',
    });
  });

  it('hashes the bytes as they are', async () => {
    const { createHash } = await import('node:crypto');
    const image = makeKlipperImage({ size: 2048 });
    expect((await inspectImage(image)).sha256).toBe(createHash('sha256').update(image).digest('hex'));
  });

  it('reads an image out of a flash dump, whatever follows it', () => {
    const dump = new Uint8Array(512 * 1024).fill(0xff);
    dump.set(makeKatapultImage({ version: 'v1' }));
    dump.set(makeKlipperImage({ version: 'v2' }), 0x8000);
    expect(describeImage(dump)).toMatchObject({ kind: 'katapult', version: 'v1', truncation: null });
    expect(describeImage(dump.subarray(0x8000))).toMatchObject({
      kind: 'klipper',
      version: 'v2',
      applicationAddress: 0x08008000,
    });
  });

  it.each([0x08000000, 0x08004000, 0x08008000, 0x0800c000, 0x08010000, 0x08020200])(
    'finds the application address %i',
    (applicationAddress) => {
      expect(describeImage(makeKlipperImage({ applicationAddress })).applicationAddress).toBe(
        applicationAddress,
      );
    },
  );

  it.each(['stm32f405xx', 'stm32f407xx', 'stm32f429xx', 'stm32f446xx'] as const)(
    'tells every crystal that %s can have',
    (mcu) => {
      const crystals = mcu === 'stm32f446xx' ? [8, 12, 16, 20, 24] : [8, 12, 16, 20, 24, 25];
      for (const crystalHz of [...crystals.map((mhz) => mhz * 1e6), null]) {
        expect(describeImage(makeKlipperImage({ mcu, crystalHz, size: 4096 })).crystalHz).toBe(
          crystalHz ?? 0,
        );
        expect(describeImage(makeKatapultImage({ mcu, crystalHz })).crystalHz).toBe(crystalHz ?? 0);
      }
    },
  );

  it('reports a 25 MHz build for F446 as what its clock set-up really is, one for 24 MHz', () => {
    expect(describeImage(makeKatapultImage({ mcu: 'stm32f446xx', crystalHz: 25_000_000 })).crystalHz).toBe(
      24_000_000,
    );
  });

  it('says that a firmware with a vector table is neither of the two', () => {
    const other = makeKlipperImage({ size: 4096 });
    other.fill(0xaa, 1024);
    expect(describeImage(other)).toMatchObject({
      kind: 'unknown',
      mcu: null,
      version: null,
      dictionary: null,
    });
  });
});

describe('an image that is cut short', () => {
  const whole = {
    katapult: makeKatapultImage({ size: 2048 }),
    klipper: makeKlipperImage({ size: 3072 }),
    deployer: makeDeployerImage({ katapult: makeKatapultImage({ size: 1024 }) }),
  };

  it.each(Object.entries(whole))('never passes for a whole %s, wherever it is cut', (kind, image) => {
    for (let length = 0; length < image.length; length++) {
      const cut = image.subarray(0, length);
      if (length < 8) {
        expect(errorDetails(() => describeImage(cut)).code).toBe('image/not-an-image');
        continue;
      }
      const { kind: found, truncation } = describeImage(cut);
      expect(found === 'unknown' || truncation !== null, `cut at ${length}`).toBe(true);
      expect(['unknown', kind]).toContain(found);
    }
  });

  it('says how many bytes are missing if its start-up code shows it', () => {
    expect(describeImage(makeKlipperImage().subarray(0, 46_000)).truncation).toBe(
      '728 of 46728 bytes are missing at its end',
    );
  });

  it('is found in the start-up code of older versions too, which names the ends of its data the other way round', () => {
    const image = makeKlipperImage();
    const view = new DataView(image.buffer);
    const at = Array.from({ length: image.length / 4 }, (_, index) => index * 4).find(
      (offset) =>
        view.getUint32(offset, true) === 0x20000040 && view.getUint32(offset + 4, true) === 0x20000000,
    )!;
    view.setUint32(at, 0x20000000, true);
    view.setUint32(at + 4, 0x20000040, true);
    expect(describeImage(image)).toMatchObject({ applicationAddress: 0x08008000, truncation: null });
    expect(describeImage(image.subarray(0, 46_000)).truncation).toMatch(/^728 of 46728/);
  });

  it('is noticed as well where only the dictionary is damaged', () => {
    const image = makeKlipperImage();
    const at = image.findIndex((byte, index) => byte === 0x78 && image[index + 1] === 0xda && index > 20_000);
    image[at + 100]! ^= 0x10;
    expect(describeImage(image)).toMatchObject({
      kind: 'klipper',
      truncation: 'its data dictionary is cut short or damaged',
    });
  });
});

describe('a file that is not an image', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /empty/],
    ['erased flash', new Uint8Array(1024).fill(0xff), /every byte of the file is 0xff/],
    ['an ELF file', bytesOf('\x7fELF\x01\x01\x01'), /ELF file, choose the \.bin/],
    ['an Intel HEX file that is cut short', bytesOf(':020000040800F2\n'), /Intel HEX.*cut short/],
    [
      "a maker's bootloader in Intel HEX",
      intelHex(0x08000000, bytesOf('boot')),
      /4 bytes for 0x08000000 on.*neither/,
    ],
    [
      'Klipper in Intel HEX',
      intelHex(0x08008000, makeKlipperImage()),
      /of Klipper for stm32f446xx, choose the \.bin/,
    ],
    ['Katapult in Intel HEX', intelHex(0x08000000, makeKatapultImage()), /of Katapult for stm32f446xx/],
    ['an S-record file', bytesOf('S00F000068656C6C6F'), /S-record/],
    ['a UF2 file', bytesOf('UF2\nWQ]\x9e'), /UF2 file that does not name/],
    ['a UF2 file for STM32F4', uf2(0x57755a57), /UF2 file for an STM32F4, not a \.bin/],
    ['a UF2 file for a chip nobody here knows', uf2(0x12345678), /another chip \(family 0x12345678\)/],
    ['a DfuSe file', bytesOf('DfuSe\x01'), /DfuSe/],
    ['a zip archive', bytesOf('PK\x03\x04'), /zip/],
    ['a gzip archive', Uint8Array.of(0x1f, 0x8b, 8), /gzip/],
    ['klipper.dict', bytesOf('{"app":"Klipper"}'), /klipper\.dict, choose klipper\.bin/],
    [
      'a build configuration',
      bytesOf('#\n# Automatically generated\n#\nCONFIG_MACH_STM32=y\n'),
      /build configuration/,
    ],
    ['a web page', bytesOf('<!DOCTYPE html><html>'), /web page/],
    ['a text file', bytesOf('hello\n'), /text file/],
    ['random bytes', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), /no vector table/],
  ])('is refused: %s', async (_name, bytes, reason) => {
    await expect(inspectImage(bytes)).rejects.toMatchObject({
      code: 'image/not-an-image',
      message: expect.stringMatching(reason) as string,
    });
  });

  it('has a next step that does not send anyone to a file that there is not', () => {
    const next = (bytes: Uint8Array) => {
      const { code, ...details } = errorDetails(() => describeImage(bytes));
      const file = typeof details['file'] === 'string' ? details['file'] : null;
      return nextStep(code, { surface: 'terminal', system: 'linux', details: { file } });
    };
    const plain = next(bytesOf('hello\n'));
    expect(next(intelHex(0x08000000, bytesOf('boot')))).not.toBe(plain);
    expect(next(intelHex(0x08008000, makeKlipperImage()))).toBe(plain);
  });

  it('is refused with the MCU it is for, where it is Klipper for an MCU that is not flashed here', () => {
    const dictionary = zlibSync(bytesOf('{"config":{"MCU":"lpc1768"},"version":"v1"}'));
    const image = new Uint8Array(1024);
    image.set(dictionary, 512);
    expect(() => describeImage(image)).toThrow(/Klipper for lpc1768/);
  });

  it('is refused without a search where it is larger than any flash', () => {
    expect(() => describeImage(new Uint8Array(5_000_000))).toThrow(/more than any flash/);
  });
});
