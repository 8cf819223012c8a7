import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../../app/build/cache-key.ts';
import { sha256Hex } from '../../../app/sha256.ts';
import type { CacheKeyInputs } from '../../../app/build/cache-key.ts';

const inputs: CacheKeyInputs = {
  target: 'klipper',
  treeId: 'a'.repeat(40),
  version: 'v1-0-gabc',
  config: 'CONFIG_A=y\n',
  toolchain: 'gcc 12',
};

describe('the cache key', () => {
  it('is the same for the same inputs, whatever order they are said in', async () => {
    const { target, ...rest } = inputs;
    expect(await cacheKey({ ...rest, target })).toBe(await cacheKey(inputs));
    expect(await cacheKey(inputs)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['target', 'treeId', 'version', 'config', 'toolchain'] as const)(
    'changes with %s',
    async (field) => {
      expect(await cacheKey({ ...inputs, [field]: `${inputs[field]}x` })).not.toBe(await cacheKey(inputs));
    },
  );

  it('does not change when text moves from one input to the next', async () => {
    const shifted = { ...inputs, version: `${inputs.version}C`, config: inputs.config.slice(1) };
    expect(await cacheKey(shifted)).not.toBe(await cacheKey(inputs));
  });
});

describe('sha256Hex', () => {
  it('gives the digests of FIPS 180-4', async () => {
    expect(await sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
