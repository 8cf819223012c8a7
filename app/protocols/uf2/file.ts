import { beginsLikeUf2, decodeBlock, encodeBlock, uf2BlockBytes, uf2Flags } from './block.ts';
import { uf2Families } from './families.ts';

/** Bytes that are together in flash. */
export interface Uf2Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The content of a UF2 file for one family, ascending by address and without overlap. */
export interface Uf2Image {
  /** Null if its blocks do not name one. */
  readonly family: number | null;
  readonly segments: readonly Uf2Segment[];
}

/** `damaged`: why the file cannot be used, as a clause with "the file" as its subject. */
export type Uf2Reading =
  { readonly images: readonly Uf2Image[]; readonly damaged: null } | { readonly damaged: string };

/** 16 MiB of flash, the most that a boot ROM here reaches, in blocks of 256 bytes. */
const maxBytes = 32 * 1024 * 1024;
/** What a boot ROM takes per block. */
const pageBytes = 256;

/**
 * Reads a UF2 file: the images in it, one per family. Blocks that are not for flash are left out, as a boot ROM leaves
 * them out, and so is the first block that a tool may add for the RP2350 and that its ROM ignores (family "absolute",
 * erratum E10). A file with a block missing or twice is damaged: a boot ROM waits for the missing one.
 */
export function readUf2(file: Uint8Array): Uf2Reading {
  if (!beginsLikeUf2(file)) return { damaged: 'does not begin like a UF2 file' };
  if (file.length > maxBytes) return { damaged: `has ${file.length} bytes, more than any flash` };
  if (file.length % uf2BlockBytes !== 0)
    return { damaged: 'is cut short: it does not end with a whole block' };
  const parts = new Map<number | null, FamilyPart>();
  for (let at = 0; at < file.length; at += uf2BlockBytes) {
    const block = decodeBlock(file.subarray(at, at + uf2BlockBytes));
    const index = at / uf2BlockBytes;
    if (block === null) return { damaged: `is damaged: block ${index} is not one` };
    if ((block.flags & (uf2Flags.notMainFlash | uf2Flags.fileContainer)) !== 0) continue;
    const { family, blockNumber, blockCount, address, payload } = block;
    const part = parts.get(family) ?? { blockCount, numbers: new Set(), pieces: [] };
    if (blockCount !== part.blockCount || blockNumber >= blockCount)
      return { damaged: `is damaged: block ${index} calls itself ${blockNumber} of ${blockCount}` };
    if (part.numbers.has(blockNumber)) return { damaged: `is damaged: block ${blockNumber} is in it twice` };
    part.numbers.add(blockNumber);
    part.pieces.push({ address, bytes: payload });
    parts.set(family, part);
  }
  return collect(parts);
}

interface FamilyPart {
  readonly blockCount: number;
  readonly numbers: Set<number>;
  readonly pieces: Uf2Segment[];
}

function collect(parts: ReadonlyMap<number | null, FamilyPart>): Uf2Reading {
  const images: Uf2Image[] = [];
  for (const [family, { blockCount, numbers, pieces }] of parts) {
    const isErratumBlock = family === uf2Families.absolute && parts.size > 1 && pieces.length === 1;
    if (isErratumBlock) continue;
    if (numbers.size !== blockCount)
      return { damaged: `is cut short: ${blockCount - numbers.size} of ${blockCount} blocks are missing` };
    const segments = joined(pieces);
    if (segments === null) return { damaged: 'is damaged: two of its blocks overlap' };
    images.push({ family, segments });
  }
  if (images.length === 0) return { damaged: 'has no block for flash' };
  return { images, damaged: null };
}

/** Null if two pieces overlap or one ends beyond 4 GiB. */
function joined(pieces: readonly Uf2Segment[]): readonly Uf2Segment[] | null {
  const sorted = pieces.toSorted((a, b) => a.address - b.address).filter(({ bytes }) => bytes.length > 0);
  const runs: Uf2Segment[][] = [];
  let end = -1;
  for (const piece of sorted) {
    if (piece.address < end || piece.address + piece.bytes.length > 0x1_0000_0000) return null;
    if (piece.address === end) runs.at(-1)?.push(piece);
    else runs.push([piece]);
    end = piece.address + piece.bytes.length;
  }
  return runs.map((run) => {
    const bytes = new Uint8Array(run.reduce((sum, piece) => sum + piece.bytes.length, 0));
    const address = run[0]?.address ?? 0;
    for (const piece of run) bytes.set(piece.bytes, piece.address - address);
    return { address, bytes };
  });
}

/**
 * A UF2 file as a boot ROM takes it: blocks of 256 bytes, padded with zeros. Segments that do not begin on a page, or
 * share one, are a programming error.
 */
export function writeUf2(family: number, segments: readonly Uf2Segment[]): Uint8Array {
  const pages = segments.flatMap(({ address, bytes }) => {
    if (address % pageBytes !== 0) throw new RangeError(`0x${address.toString(16)} does not begin a page`);
    return Array.from({ length: Math.ceil(bytes.length / pageBytes) }, (_, index) => {
      const payload = new Uint8Array(pageBytes);
      payload.set(bytes.subarray(index * pageBytes, (index + 1) * pageBytes));
      return { address: address + index * pageBytes, payload };
    });
  });
  if (new Set(pages.map(({ address }) => address)).size !== pages.length)
    throw new RangeError('two segments share a page');
  const file = new Uint8Array(pages.length * uf2BlockBytes);
  pages.forEach(({ address, payload }, blockNumber) => {
    const block = {
      flags: uf2Flags.hasFamily,
      address,
      blockNumber,
      blockCount: pages.length,
      family,
      payload,
    };
    file.set(encodeBlock(block), blockNumber * uf2BlockBytes);
  });
  return file;
}
