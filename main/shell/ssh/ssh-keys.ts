import { readFile, stat } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { systemErrorCode } from '../../files/file-errors.ts';
import type { SshQuestions } from './ssh-access.ts';

const passphraseAttempts = 3;
/** The longest RSA keys are a tenth of it. */
const maxKeyFileBytes = 256 << 10;

/** What can be known about a key file without a passphrase. `publicKey` is its blob in base64. */
export type KeyFile =
  | { readonly kind: 'missing' }
  /** `why` continues "the key file": `may not be read (EACCES)`. */
  | { readonly kind: 'unusable'; readonly why: string; readonly publicKey: string | null }
  | { readonly kind: 'public'; readonly publicKey: string }
  | { readonly kind: 'open'; readonly key: ParsedKey; readonly publicKey: string }
  | { readonly kind: 'locked'; readonly text: string; readonly publicKey: string | null };

/** True if a private key in OpenSSH, PEM or PuTTY form needs a passphrase. */
function isEncryptedKey(text: string): boolean {
  if (/^Proc-Type: *4,ENCRYPTED/m.test(text) || text.includes('BEGIN ENCRYPTED PRIVATE KEY')) return true;
  if (/^PuTTY-User-Key-File/m.test(text)) return !/^Encryption: *none/m.test(text);
  const blob = openSshBlob(text);
  // PROTOCOL.key of OpenSSH: "openssh-key-v1" and a zero byte, then the cipher's name as a string.
  return blob.length > 19 && blob.subarray(19, 19 + blob.readUInt32BE(15)).toString('latin1') !== 'none';
}

function openSshBlob(text: string): Buffer {
  const body = /BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  return Buffer.from(body ?? '', 'base64');
}

/** Examines a key file. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const read = await textOf(path);
  if (read.reason === 'ENOENT' || read.reason === 'ENOTDIR') return { kind: 'missing' };
  const beside = async (): Promise<string | null> => publicPart((await textOf(`${path}.pub`)).text);
  const { text } = read;
  if (read.reason !== null) return { kind: 'unusable', why: read.reason, publicKey: await beside() };
  const own = publicPart(text);
  if (own !== null) return { kind: 'public', publicKey: own };
  if (openSshBlob(text).includes('sk-ssh-ed25519@') || openSshBlob(text).includes('sk-ecdsa-sha2-')) {
    const why = 'is for a FIDO security key, which Canopus cannot ask';
    return { kind: 'unusable', why, publicKey: await beside() };
  }
  if (isEncryptedKey(text)) return { kind: 'locked', text, publicKey: await beside() };
  const key = parsed(text, undefined);
  if (key !== null) return { kind: 'open', key, publicKey: publicKeyOf(key) };
  return { kind: 'unusable', why: 'holds no complete private key', publicKey: await beside() };
}

async function textOf(path: string): Promise<{ text: string; reason: string | null }> {
  try {
    if ((await stat(path)).size > maxKeyFileBytes) return { text: '', reason: 'is too long for a key' };
    return { text: await readFile(path, 'utf8'), reason: null };
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown';
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    return { text: '', reason: isMissing ? code : `cannot be read (${code})` };
  }
}

/** Opens a key, asking for its passphrase; null if no passphrase opened it. */
export async function unlockKey(
  keyFile: string,
  text: string,
  questions: SshQuestions,
): Promise<ParsedKey | null> {
  for (let attempt = 1; attempt <= passphraseAttempts; attempt += 1) {
    const passphrase = await questions.passphrase({ keyFile, attempt });
    if (passphrase === null) return null;
    const key = parsed(text, passphrase);
    if (key !== null) return key;
  }
  return null;
}

/** A key's public part as base64 of its blob, as in `.pub` files. */
export function publicKeyOf(key: ParsedKey): string {
  return key.getPublicSSH().toString('base64');
}

/** From a line `ssh-ed25519 AAAA... comment`, also for types that only an agent can use; null for anything else. */
function publicPart(text: string): string | null {
  return /^\s*(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+[ \t]+([A-Za-z0-9+/]+=*)/.exec(text)?.[1] ?? null;
}

function parsed(text: string, passphrase: string | undefined): ParsedKey | null {
  const key = ssh2.utils.parseKey(text, passphrase);
  return key instanceof Error || !key.isPrivateKey() ? null : key;
}
