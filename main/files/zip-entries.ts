import { constants, inflateRawSync } from 'node:zlib';

/** What an archive may cost at most. */
export interface ZipLimits {
  readonly entries: number;
  readonly entryBytes: number;
  readonly totalBytes: number;
}

/** Why an archive is refused, as the end of a sentence about it. */
export class ZipRefused extends Error {}

interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const maxCommentBytes = 0xffff;
const encrypted = 1;
const stored = 0;
const deflated = 8;

/**
 * The files of a zip archive (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16), one after the other. What an entry declares as its
 * size is only believed downwards: unpacking ends there, whatever the compressed bytes go on to hold. `takes` sees
 * a name before anything of it is unpacked. Throws `ZipRefused`.
 */
export function* zipEntries(
  zip: Uint8Array,
  limits: ZipLimits,
  takes: (name: string) => boolean,
): Generator<ZipEntry, void, void> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  if (count > limits.entries) throw new ZipRefused(`it holds ${count} files`);
  let at = view.getUint32(end + 16, true);
  let total = 0;
  const seen = new Set<string>();
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.getUint32(at, true) !== centralSignature)
      throw new ZipRefused('its directory is damaged');
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength));
    const bytes = view.getUint32(at + 24, true);
    total += bytes;
    if (!takes(name)) throw new ZipRefused(`it holds ${name.slice(0, 80)}`);
    if (seen.has(name)) throw new ZipRefused(`it holds ${name} twice`);
    seen.add(name);
    if (bytes > limits.entryBytes || total > limits.totalBytes) throw new ZipRefused('it is too large');
    yield { name, bytes: unpack(zip, view, { at, name, bytes }) };
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - endBytes - maxCommentBytes);
  for (let at = view.byteLength - endBytes; at >= first; at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  throw new ZipRefused('it is not a zip file, or its end is missing');
}

function unpack(
  zip: Uint8Array,
  view: DataView,
  { at, name, bytes }: { at: number; name: string; bytes: number },
): Uint8Array {
  const packedBytes = view.getUint32(at + 20, true);
  const local = view.getUint32(at + 42, true);
  if ((view.getUint16(at + 8, true) & encrypted) !== 0) throw new ZipRefused(`${name} is encrypted`);
  if (local + 30 > zip.length || view.getUint32(local, true) !== localSignature)
    throw new ZipRefused(`${name} is not where the directory says`);
  const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (from + packedBytes > zip.length) throw new ZipRefused(`${name} is cut short`);
  const packed = zip.subarray(from, from + packedBytes);
  const method = view.getUint16(at + 10, true);
  const whole =
    method === stored ? packed.slice() : method === deflated ? inflate(packed, name, bytes) : null;
  if (whole === null) throw new ZipRefused(`${name} is packed in a way that is not known here`);
  if (whole.length !== bytes) throw new ZipRefused(`${name} has not the size that it declares`);
  return whole;
}

function inflate(packed: Uint8Array, name: string, bytes: number): Uint8Array {
  try {
    const options = { maxOutputLength: Math.max(1, bytes), finishFlush: constants.Z_FINISH };
    // A copy: small results share a buffer, which cannot be handed to another thread.
    return Uint8Array.from(inflateRawSync(packed, options));
  } catch (error) {
    const isLonger = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new ZipRefused(
      isLonger ? `${name} is larger than it declares` : `it cannot be unpacked (${name} is damaged)`,
    );
  }
}
