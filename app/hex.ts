/** A 32-bit address or word as people write it: `0x08008000`. */
export function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** 16 bits without a prefix, as in USB ids: `1d50`. */
export function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
