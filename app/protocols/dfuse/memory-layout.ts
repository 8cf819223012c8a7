/** A run of sectors of one size. Addresses and sizes in bytes. */
export interface MemorySegment {
  readonly startAddress: number;
  readonly sectorCount: number;
  readonly sectorSize: number;
  readonly readable: boolean;
  readonly erasable: boolean;
  readonly writable: boolean;
}

/** What the interface string of an alternate setting says about its memory. */
export interface MemoryLayout {
  /** `Internal Flash` */
  readonly name: string;
  readonly segments: readonly MemorySegment[];
  /** False if the rest could not be read: the layout is right as far as it goes. */
  readonly complete: boolean;
}

const unitBytes: Readonly<Record<string, number>> = { ' ': 1, B: 1, K: 1024, M: 1024 * 1024 };

/** End of the 32-bit address space. */
const addressLimit = 2 ** 32;

const rangePattern = /\s*\/\s*0x([0-9a-f]{1,8})\s*\//iy;
/** `04*016Kg`: count, size, unit, attributes a..g. */
const sectorsPattern = /\s*(\d{1,5})\*(\d{1,5})([ BKM])([a-g])/y;
const commaPattern = /\s*,/y;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * Parses `@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg` (UM0424, section 10.3.2): a name, then ranges of `/start address/count*size unit attributes,…`. The attribute letter is a set of bits, `a` being 1: 1 readable, 2 erasable, 4 writable.
 *
 * A truncated or garbled string gives its valid beginning (`complete` false); null if not even one run of sectors can
 * be read.
 */
export function parseMemoryLayout(text: string): MemoryLayout | null {
  const nameEnd = text.indexOf('/');
  if (!text.startsWith('@') || nameEnd < 0) return null;
  const segments: MemorySegment[] = [];
  let at = nameEnd;
  for (let range = match(rangePattern, text, at); range; range = match(rangePattern, text, at)) {
    at = rangePattern.lastIndex;
    let address = parseInt(range[1] ?? '', 16);
    let next = at;
    for (;;) {
      const sectors = match(sectorsPattern, text, next);
      if (!sectors) break;
      const [, count = '', size = '', unit = '', attributes = ''] = sectors;
      const sectorCount = Number(count);
      const sectorSize = Number(size) * (unitBytes[unit] ?? 0);
      const endAddress = address + sectorCount * sectorSize;
      if (endAddress === address || endAddress > addressLimit) break;
      const bits = attributes.charCodeAt(0) - 0x60;
      segments.push({
        startAddress: address,
        sectorCount,
        sectorSize,
        readable: (bits & 1) !== 0,
        erasable: (bits & 2) !== 0,
        writable: (bits & 4) !== 0,
      });
      address = endAddress;
      at = sectorsPattern.lastIndex;
      if (!match(commaPattern, text, at)) break;
      next = commaPattern.lastIndex;
    }
  }
  if (segments.length === 0) return null;
  const complete = text.slice(at).trim() === '';
  return { name: text.slice(1, nameEnd).trim(), segments, complete };
}
