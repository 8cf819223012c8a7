import { generateKeyPairSync, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestContext, readManifest } from '../../../app/updates/manifest.ts';
import { signedBytes } from '../../../app/updates/signed-text.ts';
import { verifyEd25519 } from '../../../main/updates/ed25519.ts';

const own = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const keyOf = ({ publicKey }: typeof own): string =>
  publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
const keys = [keyOf(own)];
const text = JSON.stringify({
  product: 'canopus',
  version: '0.3.0',
  issuedAt: '2026-11-01T00:00:00Z',
  expiresAt: '2027-01-01T00:00:00Z',
  packages: [{ target: 'win32-x64-nsis', name: 'canopus-0.3.0.exe', size: 5, sha512: '0'.repeat(128) }],
});

function signedFile(manifest: string, by = own, named = keyOf(by)): Uint8Array {
  const signature = sign(null, signedBytes(manifestContext, manifest), by.privateKey).toString('hex');
  const file = { manifest, signatures: [{ key: named, signature }] };
  return new TextEncoder().encode(JSON.stringify(file));
}

const read = (file: Uint8Array): unknown => readManifest(file, keys, verifyEd25519);
const notGenuine = expect.objectContaining({ code: 'update/not-genuine' }) as unknown;

describe('a signed list of versions', () => {
  it('is read if a key of this version signed it', () => {
    expect(read(signedFile(text))).toMatchObject({ version: '0.3.0' });
  });

  it('is read if one of several signatures is by a known key', () => {
    const [first, second] = [signedFile(text, other), signedFile(text)].map(
      (file) => JSON.parse(new TextDecoder().decode(file)) as { signatures: unknown[] },
    );
    const both = {
      manifest: text,
      signatures: [...(first?.signatures ?? []), ...(second?.signatures ?? [])],
    };
    expect(read(new TextEncoder().encode(JSON.stringify(both)))).toMatchObject({ version: '0.3.0' });
  });

  it('is refused if it is signed by another key, also under the name of the right one', () => {
    expect(() => read(signedFile(text, other))).toThrow(notGenuine);
    expect(() => read(signedFile(text, other, keyOf(own)))).toThrow(notGenuine);
  });

  it('is refused if the signature is of the same text without its context', () => {
    const signature = sign(null, Buffer.from(text), own.privateKey).toString('hex');
    const file = { manifest: text, signatures: [{ key: keys[0], signature }] };
    expect(() => read(Buffer.from(JSON.stringify(file)))).toThrow(notGenuine);
  });

  it('is refused without a signature, without keys, and for another product', () => {
    const unsigned = new TextEncoder().encode(JSON.stringify({ manifest: text, signatures: [] }));
    expect(() => read(unsigned)).toThrow(notGenuine);
    expect(() => readManifest(signedFile(text), [], verifyEd25519)).toThrow(notGenuine);
    expect(() => read(signedFile(text.replace('"canopus"', '"firmware"')))).toThrow(notGenuine);
  });

  it.each(['../canopus.exe', 'a/b', '..', '.hidden', 'C:\\x', 'https://elsewhere/x'])(
    'is refused if it names a file "%s"',
    (name) => {
      const bad = text.replace('canopus-0.3.0.exe', name.replaceAll('\\', '\\\\'));
      expect(() => read(signedFile(bad))).toThrow(notGenuine);
    },
  );

  it('is refused with any byte changed, and cut anywhere', () => {
    const file = signedFile(text);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = file.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        try {
          // A space more or less in the frame, or another letter case of a hex digit, changes nothing that is signed.
          expect(read(changed)).toEqual(read(file));
        } catch (error) {
          expect(error).toEqual(notGenuine);
        }
        expect(() => read(file.subarray(0, at))).toThrow(notGenuine);
      }),
      { numRuns: 300 },
    );
  });
});
