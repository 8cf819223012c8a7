import { describe, expect, it } from 'vitest';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { checkCrystal } from '../../../app/image/check-crystal.ts';
import { describeImage } from '../../../app/image/inspect-image.ts';
import { flashStartOf, mcuFacts, mcuNames, type McuName } from '../../../app/mcu/mcu.ts';
import { makeDeployerImage, makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { usualApplicationOffset } from '../../../main/sim/usual-crystal.ts';

const stm32 = mcuNames.filter((mcu) => mcu.startsWith('stm32'));

/** The crystals that every build for an MCU gives USB 48 MHz from. */
function crystalsOf(mcu: McuName): readonly number[] {
  const { clock } = mcuFacts[mcu];
  return [8, 12, 16, 20, 24, 25].map((mhz) => mhz * 1e6).filter((hz) => clock?.runsUsbFrom(hz) === true);
}

describe.each(stm32)('an image for %s', (mcu) => {
  const { clockHz, stackPointer, can, applicationOffsets } = mcuFacts[mcu];
  const start = flashStartOf(mcu) + usualApplicationOffset(mcu);
  const [pins] = can.pins?.node.klipper.slice(1) ?? [];

  it.each(crystalsOf(mcu))(
    'is a Katapult for its MCU, its application and a crystal of %i Hz',
    (crystalHz) => {
      expect(describeImage(makeKatapultImage({ mcu, crystalHz }))).toMatchObject({
        kind: 'katapult',
        mcu,
        applicationAddress: flashStartOf(mcu),
        launchAddress: start,
        initialStackPointer: stackPointer.katapult,
        clockHz: clockHz.katapult,
        crystalHz,
        truncation: null,
      });
    },
  );

  it.each(crystalsOf(mcu))('is a Klipper for its MCU, its place and a crystal of %i Hz', (crystalHz) => {
    const image = makeKlipperImage({ mcu, crystalHz, role: 'none' });
    expect(describeImage(image)).toMatchObject({
      kind: 'klipper',
      mcu,
      applicationAddress: start,
      initialStackPointer: stackPointer.klipper,
      clockHz: clockHz.klipper,
      crystalHz,
      usb: true,
      can: { role: 'none' },
      truncation: null,
    });
  });

  it.each([1_000_000, 500_000, 250_000])('is a node or a bridge at %i bit/s', (bitrateBps) => {
    const roles = can.noBridge === null ? (['node', 'bridge'] as const) : (['node'] as const);
    for (const role of roles) {
      const image = makeKlipperImage({ mcu, role, bitrateBps, pins: pins ?? ['PB8', 'PB9'] });
      expect(describeImage(image).can).toEqual({ role, pins, bitrateBps });
    }
  });

  it('uses the internal oscillator', () => {
    expect(describeImage(makeKatapultImage({ mcu, crystalHz: null })).crystalHz).toBe(0);
    expect(describeImage(makeKlipperImage({ mcu, crystalHz: null })).crystalHz).toBe(0);
  });

  it('is at every offset that builds offer', () => {
    for (const offset of applicationOffsets.klipper) {
      const address = flashStartOf(mcu) + offset;
      expect(describeImage(makeKlipperImage({ mcu, applicationAddress: address })).applicationAddress).toBe(
        address,
      );
    }
    for (const offset of applicationOffsets.katapult) {
      const address = flashStartOf(mcu) + offset;
      expect(describeImage(makeKatapultImage({ mcu, launchAddress: address })).launchAddress).toBe(address);
    }
  });

  it('is a deployer with a Katapult inside', () => {
    expect(describeImage(makeDeployerImage({ mcu }))).toMatchObject({
      kind: 'deployer',
      mcu,
      launchAddress: start,
    });
  });

  it('is missed at its end where it was cut', () => {
    const image = makeKlipperImage({ mcu });
    expect(describeImage(image.subarray(0, image.length - 64)).truncation).not.toBeNull();
  });
});

describe('an image for the internal oscillator of an F072', () => {
  const codes = (image: Uint8Array): readonly string[] =>
    [...checkCrystal(describeImage(image), unknownBoard)].map(({ code }) => code);

  it('is taken where it has USB, which keeps that exact, and refused as a node', () => {
    const options = { mcu: 'stm32f072xb', crystalHz: null } as const;
    expect(codes(makeKlipperImage({ ...options, role: 'none' }))).toEqual([]);
    expect(codes(makeKlipperImage({ ...options, role: 'node' }))).toEqual(['image/wrong-crystal']);
    expect(codes(makeKlipperImage({ ...options, mcu: 'stm32g0b1xx', role: 'none' }))).toEqual([
      'image/wrong-crystal',
    ]);
  });
});
