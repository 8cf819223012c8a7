import { describe, expect, it } from 'vitest';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { findProblems } from '../../../app/image/check-image.ts';
import { imageContent } from '../../../app/image/image-content.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { whyNotStarted } from '../../../app/mcu/rp-boot.ts';
import { rpMemory } from '../../../app/mcu/rp-memory.ts';
import { findImageEnd } from '../../../app/image/start-up.ts';
import { uf2Families } from '../../../app/protocols/uf2/families.ts';
import { writeUf2 } from '../../../app/protocols/uf2/file.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';

const start = 0x10000000;
const application = 0x10004000;
const clear = { address: application, bytes: new Uint8Array(256) };

describe.each(['rp2040', 'rp2350'] as const)('images for an %s', (mcu) => {
  it('are recognised', async () => {
    const katapult = makeKatapultImage({ mcu });
    expect(whyNotStarted(katapult, mcu)).toBe(null);
    expect(await inspectImage(katapult)).toMatchObject({
      ...{ kind: 'katapult', mcu, applicationAddress: start, launchAddress: application },
      ...{ usb: true, crystalHz: null, truncation: null },
    });
    expect(await inspectImage(makeKlipperImage({ mcu }))).toMatchObject({
      ...{ kind: 'klipper', mcu, applicationAddress: application, usb: true, truncation: null },
      can: { role: 'bridge', pins: ['gpio4', 'gpio5'] },
    });
    expect(await inspectImage(makeKlipperImage({ mcu, role: 'node' }))).toMatchObject({
      ...{ usb: false, can: { role: 'node', pins: ['gpio4', 'gpio5'], bitrateBps: 1_000_000 } },
    });
    expect(await inspectImage(makeKlipperImage({ mcu, role: 'none' }))).toMatchObject({
      ...{ usb: true, can: { role: 'none' } },
    });
  });

  it('need no answer about a crystal, and fit where they belong', async () => {
    const katapult = await inspectImage(makeKatapultImage({ mcu }));
    expect(findProblems(katapult, unknownBoard, { through: 'dfu' })).toEqual([]);
    const klipper = await inspectImage(makeKlipperImage({ mcu }));
    const target = { through: 'katapult', by: 'katapult', mcu, applicationStart: application } as const;
    expect(findProblems(klipper, unknownBoard, target)).toEqual([]);
    const [other] = findProblems(klipper, unknownBoard, { ...target, mcu: 'stm32f446xx' });
    expect(other?.code).toBe('image/wrong-mcu');
  });

  it('that are cut short say so', async () => {
    const klipper = makeKlipperImage({ mcu });
    expect((await inspectImage(klipper.subarray(0, 20_000))).truncation).not.toBe(null);
  });
});

describe('a UF2 file', () => {
  const katapult = makeKatapultImage({ mcu: 'rp2040' });
  const padded = new Uint8Array(Math.ceil(katapult.length / 256) * 256);
  padded.set(katapult);

  it.each([
    ['katapult.uf2', writeUf2(uf2Families.rp2040, [{ address: start, bytes: katapult }])],
    ['katapult.withclear.uf2', writeUf2(uf2Families.rp2040, [{ address: start, bytes: katapult }, clear])],
    ['one for an RP2350', writeUf2(uf2Families.rp2350Arm, [{ address: start, bytes: katapult }])],
  ])('gives its image: %s', async (_, file) => {
    expect(imageContent(file)).toEqual(padded);
    expect((await inspectImage(imageContent(file))).kind).toBe('katapult');
  });

  it('that is damaged, or holds something else beside the image, is refused', () => {
    const file = writeUf2(uf2Families.rp2040, [{ address: start, bytes: katapult }]);
    expect(() => imageContent(file.subarray(512))).toThrow(/1 of 21 blocks are missing/);
    const other = { address: application + 256, bytes: new Uint8Array(256) };
    const two = writeUf2(uf2Families.rp2040, [{ address: start, bytes: katapult }, other]);
    expect(() => imageContent(two)).toThrow(/does not hold one image/);
  });

  it('for another chip stays as it is, like any other file', () => {
    const file = writeUf2(0x57755a57, [{ address: 0x08000000, bytes: katapult }]);
    expect(imageContent(file)).toBe(file);
    expect(imageContent(katapult)).toBe(katapult);
  });
});

it('the end of an image is found behind the data that follows a vector table in RAM', () => {
  // The words of real builds by GCC 12.2: Klipper v0.13.0-730 as a bridge, Katapult v0.0.1-109 on USB.
  const klipper = [0xe000ed00, 0x2000c0ec, 0x20000060, 0x10004290, 0x2000c9c0, 0x2000c0f0];
  expect(findImageEnd(Uint32Array.from(klipper), rpMemory)).toBe(application + 49_948);
  const katapult = [0x10004004, 0x20001274, 0x20000058, 0x100001f8, 0x20001720, 0x20001280];
  expect(findImageEnd(Uint32Array.from(katapult), rpMemory)).toBe(start + 5_140);
});
