import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIntelHex } from '../../../app/image/intel-hex.ts';
import { intelHex } from '../../fixtures/intel-hex.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('an Intel HEX file', () => {
  it('gives back the bytes and the address that it was made from', () => {
    const address = fc.integer({ min: 0x08000000, max: 0x08020000 });
    fc.assert(
      fc.property(address, fc.uint8Array({ minLength: 1, maxLength: 70_000 }), (at, bytes) => {
        expect(parseIntelHex(text(intelHex(at, bytes)))).toEqual({ address: at, bytes });
      }),
      { numRuns: 30 },
    );
  });

  it('has its gaps filled with what erased flash holds', () => {
    const lines = [':0100000041BE', ':0100040042B9', ':00000001FF'];
    expect(parseIntelHex(lines.join('\n'))).toEqual({
      address: 0,
      bytes: Uint8Array.of(0x41, 0xff, 0xff, 0xff, 0x42),
    });
  });

  it('takes segments as addresses (record 02)', () => {
    expect(parseIntelHex(':020000021000EC\n:0100000041BE\n:00000001FF')?.address).toBe(0x10000);
  });

  it.each([
    ['a wrong check sum', ':0100000041BF\n:00000001FF'],
    ['a record that is cut', ':01000000\n:00000001FF'],
    ['no end', ':0100000041BE'],
    ['records after the end', ':00000001FF\n:0100000041BE'],
    ['nothing in it', ':00000001FF'],
    ['an unknown record', ':0100000941B5\n:00000001FF'],
    ['more than any flash between its parts', ':0100000041BE\n:020000040800F2\n:0100000041BE\n:00000001FF'],
    ['other text', 'hello'],
  ])('with %s is none', (_what, content) => {
    expect(parseIntelHex(content)).toBeNull();
  });
});
