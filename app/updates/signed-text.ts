import * as z from 'zod/mini';

/** Whether `signature` (64 bytes) of `bytes` is by the Ed25519 key `key` (32 bytes). */
export type VerifySignature = (bytes: Uint8Array, signature: Uint8Array, key: Uint8Array) => boolean;

/** A file that holds a text and who signed it: the text is a string, because exactly its UTF-8 bytes are signed. */
const signedSchema = z.object({
  manifest: z.string(),
  signatures: z
    .array(z.object({ key: z.string(), signature: z.string().check(z.regex(/^[0-9a-f]{128}$/)) }))
    .check(z.maxLength(10)),
});

/** Who may sign, and what for. */
export interface Signing {
  /** In front of the text, so that a signature of something else, made with the same key, is none. */
  readonly context: string;
  /** Raw Ed25519 public keys, as hex. */
  readonly keys: readonly string[];
  readonly verify: VerifySignature;
}

export interface SignedText {
  readonly text: string;
  /** `known`: a right signature by one of the keys; `forged`: a wrong one in the name of one; `unknown`: by others only. */
  readonly signer: 'known' | 'unknown' | 'forged';
}

/** The text in a signed file, and whose signature it has; null if the file has another form. */
export function readSignedText(file: Uint8Array, { context, keys, verify }: Signing): SignedText | null {
  const read = signedSchema.safeParse(jsonOf(new TextDecoder().decode(file)));
  if (!read.success) return null;
  const { manifest: text, signatures } = read.data;
  const message = signedBytes(context, text);
  const ours = signatures.filter(({ key }) => keys.includes(key));
  const isRight = ours.some(({ key, signature }) => verify(message, hexBytes(signature), hexBytes(key)));
  if (isRight) return { text, signer: 'known' };
  return { text, signer: ours.length > 0 ? 'forged' : 'unknown' };
}

/** What is signed for a text. */
export function signedBytes(context: string, text: string): Uint8Array {
  return new TextEncoder().encode(`${context}${text}`);
}

/** Undefined if it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
