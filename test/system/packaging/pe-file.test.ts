import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Checked by the compiler with the other scripts of resources/, which the tests cannot see.
const script: string = fileURLToPath(new URL('../../../resources/setup/pe-file.mjs', import.meta.url));
const { withoutSignature } = (await import(script)) as {
  withoutSignature: (bytes: Uint8Array) => Uint8Array;
};

/** A PE32+ file of headers, 32 bytes and a signature table (Microsoft, "PE Format"). */
function signedProgram(): Uint8Array {
  const bytes = new Uint8Array(0x200 + 32 + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(0x98, 0x20b, true);
  view.setUint32(0x98 + 64, 0xdead, true);
  view.setUint32(0x98 + 112 + 32, 0x220, true);
  view.setUint32(0x98 + 112 + 36, 16, true);
  bytes.fill(0x55, 0x200, 0x220);
  bytes.fill(0xaa, 0x220);
  return bytes;
}

describe('the signature of a Windows program', () => {
  it('is taken off, its table entry and the sum with it, and nothing else', () => {
    const before = signedProgram();
    const after = withoutSignature(before);
    expect(after).toHaveLength(0x220);
    const changed = [...after.keys()].filter((index) => after[index] !== before[index]);
    expect(changed).toEqual([0xd8, 0xd9, 0x128, 0x129, 0x12c]);
    expect(withoutSignature(after)).toEqual(after);
  });

  it('is left alone if something stands behind it', () => {
    expect(() => withoutSignature(Uint8Array.of(...signedProgram(), 0))).toThrow('not the end');
  });

  it('is not looked for in something else', () => {
    expect(() => withoutSignature(new Uint8Array(512))).toThrow('no Windows program');
    expect(() => withoutSignature(new Uint8Array(0))).toThrow('no Windows program');
  });
});
