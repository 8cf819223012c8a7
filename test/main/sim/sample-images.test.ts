import { describe, expect, it } from 'vitest';
import { makeDeployerImage, makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { gzipSync } from 'node:zlib';

describe('sample images', () => {
  it('are as large as the real ones by default', () => {
    expect(makeKatapultImage()).toHaveLength(5148);
    expect(makeKlipperImage()).toHaveLength(46_728);
    expect(makeKlipperImage({ size: 4096 })).toHaveLength(4096);
  });

  it('are the same bytes for the same options, and others for another seed', () => {
    expect(makeKlipperImage({ seed: 7 })).toEqual(makeKlipperImage({ seed: 7 }));
    expect(makeKlipperImage({ seed: 7 })).not.toEqual(makeKlipperImage({ seed: 8 }));
    expect(makeDeployerImage()).toEqual(makeDeployerImage());
  });

  it('cannot be compressed to nothing, so that a transfer of them is a real one', () => {
    expect(gzipSync(makeKlipperImage()).length).toBeGreaterThan(40_000);
  });

  it('say so where they cannot be as small as wanted', () => {
    expect(() => makeKatapultImage({ size: 512 })).toThrow(RangeError);
    const version = Array.from({ length: 200 }, (_, index) => (index * 2_654_435_761).toString(36)).join('');
    expect(() => makeKlipperImage({ size: 1536, version })).toThrow(RangeError);
    expect(() => makeKlipperImage({ size: 4095 })).toThrow(RangeError);
  });
});
