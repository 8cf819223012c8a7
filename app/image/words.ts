/**
 * The 32-bit little-endian words of `bytes`, as the CPU sees an image's literals; 1 to 3 odd bytes at the end are left
 * out.
 */
export function readWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Uint32Array(bytes.length >>> 2);
  for (let index = 0; index < words.length; index++) words[index] = view.getUint32(index * 4, true);
  return words;
}

/** The 16-bit little-endian halves of `words`, as the CPU reads instructions. */
export function halvesOf(words: Uint32Array): Uint16Array {
  const halves = new Uint16Array(words.length * 2);
  words.forEach((word, index) => {
    halves[index * 2] = word & 0xffff;
    halves[index * 2 + 1] = word >>> 16;
  });
  return halves;
}

/** The single value in `found`; null if there is none or several differ. */
export function onlyOne(found: Iterable<number>): number | null {
  const distinct = new Set(found);
  const [first] = distinct;
  return distinct.size === 1 && first !== undefined ? first : null;
}
