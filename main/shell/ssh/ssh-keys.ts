import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { CanopusError } from '../../../app/errors.ts';
import { systemErrorCode } from '../../files/file-errors.ts';
import type { SshQuestions } from './ssh-access.ts';

const passphraseAttempts = 3;

/** True where a private key in OpenSSH, PEM or PuTTY form needs a passphrase. */
export function isEncryptedKey(text: string): boolean {
  if (/^Proc-Type: *4,ENCRYPTED/m.test(text) || text.includes('BEGIN ENCRYPTED PRIVATE KEY')) return true;
  if (/^PuTTY-User-Key-File/m.test(text)) return !/^Encryption: *none/m.test(text);
  const body = /BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body === undefined) return false;
  // PROTOCOL.key of OpenSSH: "openssh-key-v1" and a zero byte, then the cipher's name as a string.
  const blob = Buffer.from(body, 'base64');
  return blob.length > 19 && blob.subarray(19, 19 + blob.readUInt32BE(15)).toString('latin1') !== 'none';
}

/**
 * Reads a private key, asking for its passphrase where it has one. Null where there is no such file and `optional`;
 * rejects with `ssh/key-unreadable`, or `ssh/key-locked` where no passphrase opened it.
 */
export async function loadPrivateKey(
  keyFile: string,
  optional: boolean,
  questions: SshQuestions,
): Promise<ParsedKey | null> {
  let text: string;
  try {
    text = await readFile(keyFile, 'utf8');
  } catch (error) {
    const reason = systemErrorCode(error) ?? 'unknown';
    if (optional && (reason === 'ENOENT' || reason === 'ENOTDIR')) return null;
    const message = `cannot read the key file ${keyFile} (${reason})`;
    throw new CanopusError('ssh/key-unreadable', message, { keyFile, reason }, { cause: error });
  }
  if (!isEncryptedKey(text)) return parsed(text, undefined) ?? unreadable(keyFile);
  for (let attempt = 1; attempt <= passphraseAttempts; attempt += 1) {
    const passphrase = await questions.passphrase({ keyFile, attempt });
    if (passphrase === null) break;
    const key = parsed(text, passphrase);
    if (key !== null) return key;
  }
  // A key that happens to lie in ~/.ssh must not stop the methods that come after it.
  if (optional) return null;
  throw new CanopusError('ssh/key-locked', `no passphrase opened ${keyFile}`, { keyFile });
}

function parsed(text: string, passphrase: string | undefined): ParsedKey | null {
  const key = ssh2.utils.parseKey(text, passphrase);
  return key instanceof Error || !key.isPrivateKey() ? null : key;
}

function unreadable(keyFile: string): never {
  throw new CanopusError('ssh/key-unreadable', `${keyFile} holds no private key`, { keyFile });
}
