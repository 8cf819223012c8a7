import { describe, expect, it } from 'vitest';
import { firmwareOf } from '../../../app/build/recipe.ts';
import type { ImagePart } from '../../../app/image/image-parts.ts';
import { reflashOrder, type ReflashFacts } from '../../../app/history/reflash-order.ts';
import type { RunImage } from '../../../app/history/run-record.ts';

const keys = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };

function image(part: ImagePart, changes: Partial<RunImage> = {}): RunImage {
  return {
    ...{ part, result: 'verified', name: `${firmwareOf[part]}.bin`, sha256: '0'.repeat(64), size: 4096 },
    ...{ mcu: 'stm32f446xx', version: 'v1', key: keys[part], origin: 'imported', importedFrom: null },
    build: null,
    ...changes,
  };
}

const both = { bootloader: image('bootloader'), application: image('application') };

const order = (changes: Partial<ReflashFacts>) =>
  reflashOrder({
    ...{ presetId: 'btt-octopus', variantId: 'f446', cached: new Set(Object.values(keys)) },
    images: both,
    ...changes,
  });

describe('how to put exactly the same on a board again', () => {
  it('is with the very images where both are at hand', () => {
    expect(order({})).toEqual({
      commands: [
        'canopus flash --port PORT --preset btt-octopus:f446 --katapult cache:aaaaaaaaaaaa --klipper cache:bbbbbbbbbbbb',
      ],
      obstacles: [],
      images: keys,
    });
  });

  it('names the image that is lost', () => {
    const { obstacles, images } = order({ cached: new Set([keys.bootloader]) });
    expect(images).toBeNull();
    expect(obstacles).toEqual([expect.stringContaining('klipper.bin is no longer in the cache')]);
  });

  it('leaves Katapult alone that is not on record, and does not guess a board', () => {
    const kept = order({ images: { ...both, bootloader: null } });
    expect(kept.commands[0]).not.toContain('--katapult');
    expect(kept.images).toBeNull();
    expect(order({ presetId: null })).toMatchObject({ commands: [], images: keys });
    expect(order({ images: { ...both, application: null } })).toMatchObject({ commands: [], images: null });
  });
});
