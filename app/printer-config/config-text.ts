/**
 * A configuration file as text that encodes to exactly the same bytes. Klipper reads UTF-8; a file that is not (an old
 * editor's degree sign in a comment) is decoded byte by byte, so that nothing in it is lost.
 */
interface ConfigText {
  readonly text: string;
  readonly encoding: 'utf-8' | 'latin1';
}

/** Decodes a file; `encodeConfigText` of the result gives the same bytes, whatever they are. */
export function decodeConfigText(bytes: Uint8Array): ConfigText {
  try {
    // `ignoreBOM` keeps a byte order mark as a character.
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
      encoding: 'utf-8',
    };
  } catch {
    return { text: latin1(bytes), encoding: 'latin1' };
  }
}

/** The bytes of a text. Never add characters to it that a `latin1` file cannot hold. */
export function encodeConfigText({ text, encoding }: ConfigText): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index) & 0xff);
}

function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return parts.join('');
}

/** White space as in Python's `str.isspace`, which Klipper's reader strips and indents by. */
export function isPythonSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  if (code < 0x85) return false;
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}
