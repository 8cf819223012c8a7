/** Whether every byte is erased. A plain loop: it covers a whole flash. */
export function isErased(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index += 1) if (bytes[index] !== 0xff) return false;
  return true;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** The index of the first byte that differs; -1 if none does. */
export function firstDifference(expected: Uint8Array, found: Uint8Array): number {
  return expected.findIndex((byte, index) => byte !== found[index]);
}
