import { createHash } from 'node:crypto';

/**
 * The software bill of materials of one package, as CycloneDX 1.6 (ECMA-424). The serial number follows from the
 * package's hash, so the same package has the same file.
 *
 * @param {{ file: string, version: string, sha512: string, madeAt: string, components: readonly import('./components.mjs').Component[] }} options
 */
export function sbomOf({ file, version, sha512, madeAt, components }) {
  const id = createHash('sha256').update(sha512).digest('hex');
  // RFC 9562, version 8: of our own making.
  const uuid = `${id.slice(0, 8)}-${id.slice(8, 12)}-8${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp: madeAt,
      component: {
        ...{ type: 'application', 'bom-ref': 'canopus', name: 'canopus', version },
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-512', content: sha512 }],
        properties: [{ name: 'canopus:file', value: file }],
      },
    },
    components: components.map(({ name, version: found, licence, purl, hash, parts }) => ({
      ...{ type: 'library', 'bom-ref': purl, name, version: found, purl },
      licenses: [{ license: { id: licence } }],
      ...(hash?.startsWith('sha512-')
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash.slice(7), 'base64').toString('hex') }] }
        : {}),
      properties: [{ name: 'canopus:parts', value: parts.join(', ') }],
    })),
  };
}
