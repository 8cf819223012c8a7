import { createPublicKey, verify } from 'node:crypto';
import type { VerifySignature } from '../../app/updates/signed-text.ts';

/** In front of the 32 bytes of a key in SubjectPublicKeyInfo (RFC 8410, sections 3 and 4). */
const keyHeader = Buffer.from('302a300506032b6570032100', 'hex');

export const verifyEd25519: VerifySignature = (bytes, signature, key) => {
  if (key.length !== 32) return false;
  const der = Buffer.concat([keyHeader, key]);
  return verify(null, bytes, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
};
