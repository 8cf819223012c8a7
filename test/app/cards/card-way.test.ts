import { beforeAll, describe, expect, it } from 'vitest';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import { cardWayOf, requireCardWay } from '../../../app/cards/card-way.ts';
import { cardProblem } from '../../../app/cards/check-card.ts';
import type { Card } from '../../../app/cards/card.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { loadPresets } from '../../../main/presets.ts';
import { makeDeployerImage, makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { codeOfRejection } from '../../error-code.ts';

let presets: readonly Preset[];
beforeAll(async () => {
  presets = await loadPresets();
});

const skiprKlipper = {
  mcu: 'stm32f407xx',
  crystalHz: 8_000_000,
  applicationAddress: 0x0800c000,
  pins: ['PB12', 'PB13'],
} as const;

async function wayFor(reference: string, image: Uint8Array): Promise<unknown> {
  return requireCardWay(findPreset(presets, reference), await inspectImage(image), noConfirmations);
}

describe('the way of an image over an SD card', () => {
  it('has the name that the bootloader looks for, and the place where it starts the image', async () => {
    expect(await wayFor('mks-skipr', makeKlipperImage(skiprKlipper))).toEqual({
      fileName: 'mks_skipr.bin',
      offsetKiB: 48,
    });
  });

  it('every preset with a file name also states where its bootloader ends', () => {
    const withFile = presets.filter(({ cardFile }) => cardFile !== undefined);
    expect(withFile.length).toBeGreaterThan(0);
    expect(withFile.filter((preset) => cardWayOf(preset) === null)).toEqual([]);
  });

  it.each([
    [
      'built for behind Katapult',
      'image/wrong-address',
      makeKlipperImage({ ...skiprKlipper, applicationAddress: 0x08008000 }),
    ],
    ['of another chip', 'image/wrong-mcu', makeKlipperImage({ ...skiprKlipper, mcu: 'stm32f446xx' })],
    ['that is no bridge', 'image/not-a-bridge', makeKlipperImage({ ...skiprKlipper, role: 'none' })],
    ['on other CAN pins', 'image/wrong-pins', makeKlipperImage({ ...skiprKlipper, pins: ['PD0', 'PD1'] })],
    [
      'for another crystal',
      'image/wrong-crystal',
      makeKlipperImage({ ...skiprKlipper, crystalHz: 12_000_000 }),
    ],
    ['that is Katapult', 'image/wrong-kind', makeKatapultImage({ mcu: 'stm32f407xx' })],
    [
      'that is a deployer',
      'katapult/deployer',
      makeDeployerImage({ mcu: 'stm32f407xx', applicationAddress: 0x0800c000 }),
    ],
  ])('refuses an image %s', async (_, code, image) => {
    expect(await codeOfRejection(wayFor('mks-skipr', image))).toBe(code);
  });

  it('refuses a board for which no source states a card', async () => {
    const way = wayFor('btt-octopus:f446', makeKlipperImage());
    expect(await codeOfRejection(way)).toBe('card/not-for-board');
  });
});

describe('a card', () => {
  const card: Card = {
    id: '8:17',
    path: '/media/me/BOOT',
    label: 'BOOT',
    fileSystem: 'vfat',
    totalBytes: 2 ** 30,
    freeBytes: 2 ** 20,
    isReadOnly: false,
    isVirtual: false,
  };

  it.each(['vfat', 'msdos', 'FAT', 'FAT16', 'FAT32', 'MS-DOS FAT32'])('with %s can be used', (fileSystem) => {
    expect(cardProblem({ ...card, fileSystem }, 40_000)).toBeNull();
  });

  it.each(['exfat', 'exFAT', 'NTFS', 'ntfs', 'apfs', 'hfs', 'ext4', null])('with %s cannot', (fileSystem) => {
    expect(cardProblem({ ...card, fileSystem }, 40_000)?.code).toBe('card/wrong-file-system');
  });

  it('needs room for the new file beside the old one', () => {
    expect(cardProblem({ ...card, freeBytes: 40_000 }, 40_000)).toMatchObject({
      code: 'card/full',
      state: 'untouched',
      details: { freeBytes: 40_000, neededBytes: 105_536 },
    });
    expect(cardProblem({ ...card, freeBytes: 105_536 }, 40_000)).toBeNull();
  });

  it('with its lock switch on is refused before its file system is', () => {
    expect(cardProblem({ ...card, isReadOnly: true, fileSystem: 'exfat' }, 1)?.code).toBe('card/read-only');
  });

  it('of which the system says neither is tried', () => {
    expect(cardProblem({ ...card, isReadOnly: null, freeBytes: null }, 1)).toBeNull();
  });
});
