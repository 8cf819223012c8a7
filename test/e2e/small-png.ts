import { deflateSync, inflateSync } from 'node:zlib';

/** What PNG calls colour types 2 and 6, by their samples a pixel. */
const samplesOf: Readonly<Record<number, number>> = { 2: 3, 6: 4 };
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const paletteSize = 256;

/**
 * The same picture with a palette of 256 of its colours, every other one replaced by the nearest of them: of a screen
 * it takes a third of the bytes and looks the same. For what a browser writes: 8 bits a sample, opaque,
 * not interlaced (PNG specification, sections 9 and 11).
 */
export function smallPng(png: Uint8Array): Uint8Array {
  const { width, height, pixels } = decode(png);
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const palette = paletteOf(counts);
  const indexOf = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = indexOf.get(pixels[y * width + x] ?? 0) ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(
    palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]),
  );
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function decode(png: Uint8Array): { width: number; height: number; pixels: Uint32Array } {
  const bytes = Buffer.from(png);
  const data: Buffer[] = [];
  let [width, height, samples] = [0, 0, 0];
  for (let at = signature.length; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      samples = samplesOf[body[9] ?? 0] ?? 0;
      if (body[8] !== 8 || samples === 0 || body[12] !== 0) throw new Error('not a picture of a browser');
    }
    if (type === 'IDAT') data.push(body);
    at += length + 12;
  }
  return { width, height, pixels: unfilter(inflateSync(Buffer.concat(data)), width, height, samples) };
}

function unfilter(raw: Buffer, width: number, height: number, samples: number): Uint32Array {
  const stride = width * samples;
  // A row and a pixel of zeros before the first ones: the specification counts what is outside as 0.
  const lines = Array.from({ length: height + 1 }, () => Buffer.alloc(stride + samples));
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const above = lines[y] ?? raw;
    const line = lines[y + 1] ?? raw;
    const start = y * (stride + 1) + 1;
    const filter = raw[start - 1];
    for (let x = samples; x < stride + samples; x += 1) {
      const left = line[x - samples] ?? 0;
      const up = above[x] ?? 0;
      let predicted = 0;
      if (filter === 1) predicted = left;
      else if (filter === 2) predicted = up;
      else if (filter === 3) predicted = (left + up) >> 1;
      else if (filter === 4) predicted = paeth(left, up, above[x - samples] ?? 0);
      line[x] = (raw[start + x - samples] ?? 0) + predicted;
    }
    for (let x = 0; x < width; x += 1) pixels[y * width + x] = line.readUIntBE((x + 1) * samples, 3);
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/**
 * The most frequent colours, of those that look alike only one: so that the many greys at the edges of letters leave
 * room for the few pixels of a mark.
 */
function paletteOf(counts: ReadonlyMap<number, number>): readonly number[] {
  const alike = new Map<number, { colour: number; count: number; all: number }>();
  for (const [colour, count] of counts) {
    const key = colour & 0xf8f8f8;
    const group = alike.get(key);
    const isFirst = group === undefined || count > group.count;
    const most = isFirst ? { colour, count } : group;
    alike.set(key, { ...most, all: (group?.all ?? 0) + count });
  }
  const groups = [...alike.values()].toSorted((a, b) => b.all - a.all);
  return groups.slice(0, paletteSize).map(({ colour }) => colour);
}

/** By the sum of squares of the three channels. */
function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  let bestDistance = Infinity;
  for (let index = 0; index < palette.length; index += 1) {
    const other = palette[index] ?? 0;
    const red = (other >> 16) - (colour >> 16);
    const green = ((other >> 8) & 0xff) - ((colour >> 8) & 0xff);
    const blue = (other & 0xff) - (colour & 0xff);
    const distance = red * red + green * green + blue * blue;
    if (distance >= bestDistance) continue;
    best = index;
    bestDistance = distance;
  }
  return best;
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** ISO 3309, as PNG has it (annex D). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
