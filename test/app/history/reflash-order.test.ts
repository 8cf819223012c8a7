import { describe, expect, it } from 'vitest';
import { reflashOrder, type ReflashFacts } from '../../../app/history/reflash-order.ts';
import type { RunImage } from '../../../app/history/run-record.ts';

const keys = { katapult: 'a'.repeat(64), klipper: 'b'.repeat(64) };

function image(target: 'katapult' | 'klipper', changes: Partial<RunImage> = {}): RunImage {
  return {
    ...{ target, result: 'verified', name: `${target}.bin`, sha256: '0'.repeat(64), size: 4096 },
    ...{ mcu: 'stm32f446xx', version: 'v1', key: keys[target], origin: 'imported', importedFrom: null },
    build: null,
    ...changes,
  };
}

const order = (changes: Partial<ReflashFacts>) =>
  reflashOrder({
    ...{ presetId: 'btt-octopus', variantId: 'f446', cached: new Set(Object.values(keys)) },
    ...{ katapult: image('katapult'), klipper: image('klipper') },
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
    const { obstacles, images } = order({ cached: new Set([keys.katapult]) });
    expect(images).toBeNull();
    expect(obstacles).toEqual([expect.stringContaining('klipper.bin is not in the cache any more')]);
  });

  it('leaves Katapult alone that is not on record, and does not guess a board', () => {
    const kept = order({ katapult: null });
    expect(kept.commands[0]).not.toContain('--katapult');
    expect(kept.images).toBeNull();
    expect(order({ presetId: null })).toMatchObject({ commands: [], images: keys });
    expect(order({ klipper: null })).toMatchObject({ commands: [], images: null });
  });
});
