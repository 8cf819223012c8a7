import { Random } from '../katapult/random.ts';
import { cases } from '../../../counts.ts';

/** How many inputs every parser has to survive. */
export const fuzzRuns = cases(100_000);

/** Random bytes, or one of `seeds` with some bytes changed, cut short, doubled or stuffed: the same on every machine. */
export function* mutations(seeds: readonly Uint8Array[], seed: number): Generator<Uint8Array, void> {
  const random = new Random(seed);
  for (let run = 0; run < fuzzRuns; run++) {
    yield run % 4 === 0 ? random.bytes(random.below(64)) : mutate(random, random.pick(seeds));
  }
}

function mutate(random: Random, original: Uint8Array): Uint8Array {
  const bytes = [...original];
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const at = random.below(bytes.length + 1);
    switch (random.below(5)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes.length = at;
        break;
      case 2:
        bytes.splice(at, 0, ...random.bytes(random.below(8)));
        break;
      case 3:
        bytes.splice(at, random.below(8));
        break;
      default:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.below(32)));
    }
  }
  return Uint8Array.from(bytes, (byte) => byte);
}

/** Latin-1 text, byte by byte, and back. */
export function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function fromText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
