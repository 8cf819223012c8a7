import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPreset, parsePreset } from '../../../app/boards/preset.ts';
import {
  expectationOf,
  unknownBoard,
  type BoardExpectation,
  type ImageTarget,
} from '../../../app/image/board-expectation.ts';
import { checkImage, checkImages, findProblems } from '../../../app/image/check-image.ts';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import { describeImage } from '../../../app/image/inspect-image.ts';
import { makeDeployerImage, makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

const presetFile = new URL('../../../resources/boards/btt-octopus.json', import.meta.url);
const octopus = parsePreset('btt-octopus.json', readFileSync(presetFile, 'utf8'));
const f446 = expectationOf(findPreset([octopus], 'octopus:f446'), 1_000_000);
const anyOctopus = expectationOf(findPreset([octopus], 'octopus'), 1_000_000);

const throughDfu: ImageTarget = { through: 'dfu', flashBytes: 512 * 1024 };
const throughKatapult: ImageTarget = {
  through: 'katapult',
  by: 'katapult',
  applicationStart: 0x08008000,
  mcu: 'stm32f446xx',
};

function info(image: Uint8Array): ImageInfo {
  return { ...describeImage(image), sha256: '' };
}

function codes(image: Uint8Array, target: ImageTarget, board: BoardExpectation = f446) {
  return findProblems(info(image), board, target).map(({ code }) => code);
}

describe('an image that fits', () => {
  it('has no problems', () => {
    expect(codes(makeKatapultImage(), throughDfu)).toEqual([]);
    expect(codes(makeKlipperImage(), throughKatapult)).toEqual([]);
    expect(codes(makeKlipperImage(), throughKatapult, unknownBoard)).toEqual([]);
    checkImage(info(makeKlipperImage()), f446, throughKatapult);
  });

  it('may be for any chip of a board whose variant was not named', () => {
    const f407: ImageTarget = { ...throughKatapult, mcu: 'stm32f407xx' };
    expect(codes(makeKlipperImage({ mcu: 'stm32f407xx' }), f407, anyOctopus)).toEqual([]);
    expect(codes(makeKatapultImage({ mcu: 'stm32f429xx' }), throughDfu, anyOctopus)).toEqual([]);
  });
});

describe('what an image is checked against', () => {
  it.each(['image', 'preset'] as const)(
    'is not said to be the word of Katapult where only the %s says so',
    (by) => {
      const target: ImageTarget = {
        ...throughKatapult,
        by,
        mcu: 'stm32f407xx',
        applicationStart: 0x08004000,
      };
      const found = findProblems(info(makeKlipperImage()), unknownBoard, target);
      expect(found.map(({ code }) => code)).toEqual(['image/wrong-mcu', 'image/wrong-address']);
      for (const { message } of found) expect(message).not.toMatch(/Katapult (?:reports|starts)/);
    },
  );

  it('is the word of Katapult where it was asked', () => {
    const found = findProblems(info(makeKlipperImage()), unknownBoard, {
      ...throughKatapult,
      mcu: 'stm32f407xx',
    });
    expect(found[0]?.message).toContain('Katapult reports stm32f407xx');
  });
});

describe('checkImage refuses, before anything is erased,', () => {
  it.each<[string, string, Uint8Array, ImageTarget]>([
    [
      'an image for another MCU than the preset',
      'image/wrong-mcu',
      makeKatapultImage({ mcu: 'stm32f407xx', crystalHz: 12e6 }),
      throughDfu,
    ],
    [
      'an image for another MCU than Katapult reports',
      'image/wrong-mcu',
      makeKlipperImage(),
      { ...throughKatapult, mcu: 'stm32f407xx' },
    ],
    ['Klipper where Katapult must go', 'image/wrong-kind', makeKlipperImage(), throughDfu],
    ['Katapult where Klipper must go', 'image/wrong-kind', makeKatapultImage(), throughKatapult],
    ['the deployer', 'image/wrong-kind', makeDeployerImage(), throughDfu],
    [
      'a Katapult that starts the application elsewhere',
      'image/wrong-address',
      makeKatapultImage({ launchAddress: 0x08004000 }),
      throughDfu,
    ],
    [
      'a Klipper for another place than Katapult starts',
      'image/wrong-address',
      makeKlipperImage({ applicationAddress: 0x08010000 }),
      throughKatapult,
    ],
    [
      'a Klipper for another place than the board has',
      'image/wrong-address',
      makeKlipperImage({ applicationAddress: 0x08004000 }),
      { ...throughKatapult, applicationStart: 0x08004000 },
    ],
    ['a CAN node', 'image/not-a-bridge', makeKlipperImage({ role: 'node' }), throughKatapult],
    ['a USB serial build', 'image/not-a-bridge', makeKlipperImage({ role: 'none' }), throughKatapult],
    ['other CAN pins', 'image/wrong-pins', makeKlipperImage({ pins: ['PB8', 'PB9'] }), throughKatapult],
    ['another bit rate', 'image/wrong-bitrate', makeKlipperImage({ bitrateBps: 500_000 }), throughKatapult],
    [
      'another crystal in Klipper',
      'image/wrong-crystal',
      makeKlipperImage({ crystalHz: 8e6 }),
      throughKatapult,
    ],
    ['another crystal in Katapult', 'image/wrong-crystal', makeKatapultImage({ crystalHz: 8e6 }), throughDfu],
    ['the internal oscillator', 'image/wrong-crystal', makeKatapultImage({ crystalHz: null }), throughDfu],
    [
      'a Katapult larger than the room before the application',
      'image/does-not-fit',
      makeKatapultImage({ size: 33_000 }),
      throughDfu,
    ],
    [
      'a Klipper larger than the flash',
      'image/does-not-fit',
      makeKlipperImage({ size: 500_000 }),
      throughKatapult,
    ],
    ['a Katapult that is cut short', 'image/truncated', makeKatapultImage().subarray(0, 4000), throughDfu],
    [
      'a Klipper that is cut short',
      'image/truncated',
      makeKlipperImage().subarray(0, 40_000),
      throughKatapult,
    ],
    [
      'a Klipper cut down to a stump',
      'image/truncated',
      makeKlipperImage().subarray(0, 4096),
      throughKatapult,
    ],
  ])('%s: %s', (_what, code, image, target) => {
    expect(codes(image, target)).toEqual([code]);
    expect(errorDetails(() => checkImage(info(image), f446, target)).code).toBe(code);
  });

  it('a bridge from a commit that cannot work on its chip, naming the commits', () => {
    const version = 'v0.10.0-531-g3796a319';
    const image = makeKlipperImage({ version });
    expect(codes(image, throughKatapult)).toEqual(['image/known-fault']);
    expect(errorDetails(() => checkImage(info(image), f446, throughKatapult))).toMatchObject({
      from: 'v0.10.0-503-g790ff4d8d',
      fixedBy: 'v0.10.0-547-g6aec6efcc',
    });
    const f407 = makeKlipperImage({ mcu: 'stm32f407xx', version });
    expect(codes(f407, { ...throughKatapult, mcu: 'stm32f407xx' }, anyOctopus)).toEqual([]);
    const changed = makeKlipperImage({ version: `${version}-dirty-20220811_101112-host` });
    expect(codes(changed, throughKatapult)).toEqual([]);
  });

  it('a Katapult without USB, which would not show up', () => {
    const image: ImageInfo = { ...info(makeKatapultImage()), usb: false };
    expect(findProblems(image, f446, throughDfu).map(({ code }) => code)).toEqual(['image/no-usb']);
  });

  it('an image for an STM32F103, because that cannot be a bridge, whatever the board is', () => {
    const image: ImageInfo = { ...info(makeKlipperImage()), mcu: 'stm32f103xe' };
    for (const board of [unknownBoard, f446]) {
      const [found] = findProblems(image, board, throughKatapult);
      expect(found).toMatchObject({ code: 'image/no-bridge-mcu', details: { image: 'stm32f103xe' } });
      expect(found?.message).toMatch(/USB and CAN peripherals share/);
    }
  });

  it('an image for a board whose Katapult says that it is an STM32F103', () => {
    const target = { ...throughKatapult, mcu: 'stm32f103xe' } as const;
    const [found] = findProblems(info(makeKlipperImage()), unknownBoard, target);
    expect(found?.code).toBe('image/no-bridge-mcu');
  });

  it('an image for an MCU that is not flashed here, even where nothing is known of the board', () => {
    const image: ImageInfo = { ...info(makeKatapultImage()), mcu: 'stm32h750xx' };
    expect(findProblems(image, unknownBoard, throughDfu).map(({ code }) => code)).toEqual([
      'image/wrong-mcu',
    ]);
  });

  it('an image that does not say what must be known', () => {
    const klipper: ImageInfo = { ...info(makeKlipperImage()), applicationAddress: null };
    expect(findProblems(klipper, unknownBoard, throughKatapult)[0]?.code).toBe('image/wrong-address');
    const katapult: ImageInfo = { ...info(makeKatapultImage()), launchAddress: null };
    expect(findProblems(katapult, unknownBoard, throughDfu)[0]?.code).toBe('image/wrong-address');
  });
});

describe('a board that is a node', () => {
  const node: BoardExpectation = { ...f446, role: 'node' };
  const onBus = { role: 'node', pins: ['PD0', 'PD1'], bitrateBps: 1_000_000 } as const;
  const katapult: ImageInfo = {
    ...info(makeKatapultImage()),
    usb: false,
    can: { role: 'node', pins: null, bitrateBps: 1_000_000 },
  };
  const klipper: ImageInfo = { ...info(makeKlipperImage()), usb: false, can: onBus };
  const found = (image: ImageInfo, target: ImageTarget, board = node) =>
    findProblems(image, board, target).map(({ code }) => code);

  it('takes what talks on its bus', () => {
    expect(found(katapult, throughDfu)).toEqual([]);
    expect(found(klipper, throughKatapult)).toEqual([]);
    checkImages({ bootloader: katapult, application: klipper }, node);
  });

  it('takes no bridge, and no Katapult that talks over USB', () => {
    expect(codes(makeKlipperImage(), throughKatapult, node)).toEqual(['image/wrong-role']);
    expect(codes(makeKatapultImage(), throughDfu, node)).toEqual(['image/wrong-role']);
  });

  it('takes no other bit rate, also not in its Katapult, and not two of them', () => {
    const slow = { bitrateBps: 500_000 };
    const slowKatapult: ImageInfo = { ...katapult, can: { ...onBus, ...slow, pins: null } };
    expect(found({ ...klipper, can: { ...onBus, ...slow } }, throughKatapult)).toEqual([
      'image/wrong-bitrate',
    ]);
    expect(found(slowKatapult, throughDfu)).toEqual(['image/wrong-bitrate']);
    const anyRate = { ...node, bitrateBps: null };
    const both = { bootloader: slowKatapult, application: klipper };
    expect(errorDetails(() => checkImages(both, anyRate)).code).toBe('image/wrong-bitrate');
  });

  it('may have an STM32F103', () => {
    const f103: ImageInfo = { ...klipper, mcu: 'stm32f103xe' };
    expect(found(f103, { ...throughKatapult, mcu: 'stm32f103xe' })).not.toContain('image/no-bridge-mcu');
  });

  it('is no USB device, which takes neither', () => {
    const usb: BoardExpectation = { ...f446, role: 'usb' };
    const serial: ImageInfo = { ...klipper, usb: true, can: { role: 'none', pins: null, bitrateBps: null } };
    expect(found(serial, throughKatapult, usb)).toEqual([]);
    expect(found(serial, throughKatapult)).toEqual(['image/wrong-role']);
    expect(found(klipper, throughKatapult, usb)).toEqual(['image/wrong-role']);
    expect(found(katapult, throughDfu, usb)).toEqual(['image/no-usb']);
  });
});

describe('what is not known', () => {
  it('does not contradict an image if the bus will show it', () => {
    const image: ImageInfo = {
      ...info(makeKlipperImage()),
      can: { role: 'bridge', pins: ['PD0', 'PD1'], bitrateBps: null },
    };
    expect(findProblems(image, f446, throughKatapult)).toEqual([]);
  });

  it('is a doubt where it is the crystal, with which the board would be silent', () => {
    const image: ImageInfo = { ...info(makeKlipperImage()), crystalHz: null };
    expect(findProblems(image, f446, throughKatapult).map(({ code }) => code)).toEqual([
      'image/crystal-unknown',
    ]);
  });

  it('includes what a preset marks as unconfirmed', () => {
    const unconfirmed = structuredClone(octopus);
    Object.assign(unconfirmed.canPins, { unconfirmed: true });
    const board = expectationOf({ preset: unconfirmed, variants: unconfirmed.variants });
    expect(board.canPins).toBeNull();
  });
});

describe('findProblems', () => {
  it('lists everything that is wrong, with the figures', () => {
    const image = makeKlipperImage({
      mcu: 'stm32f407xx',
      applicationAddress: 0x08010000,
      pins: ['PB8', 'PB9'],
      bitrateBps: 250_000,
    });
    expect(findProblems(info(image), f446, throughKatapult).map(({ message }) => message)).toEqual([
      'The image is for stm32f407xx, but Katapult reports stm32f446xx.',
      'The image belongs to 0x08010000, but Katapult starts the application at 0x08008000.',
      'The image has CAN on PB8/PB9, but the chosen board has it on PD0/PD1.',
      'The image sets the CAN bus to 250000 bit/s, but 1000000 bit/s are wanted.',
    ]);
  });

  it('leaves the board untouched by definition', () => {
    expect(() => checkImage(info(makeKatapultImage()), f446, throughKatapult)).toThrow(
      expect.objectContaining({ state: 'untouched' }),
    );
  });
});
