import { CanopusError } from '../errors.ts';
import { hex32 } from '../hex.ts';

function hexByte(value: number | undefined): string {
  return value === undefined ? '' : `0x${value.toString(16).padStart(2, '0')}`;
}

/** Rejects with `dfu/verify-mismatch` and the first byte that differs. */
export function checkSame(address: number, expected: Uint8Array, found: Uint8Array): void {
  let different = 0;
  let first = -1;
  for (let index = 0; index < expected.length; index += 1) {
    if (expected[index] === found[index]) continue;
    different += 1;
    if (first < 0) first = index;
  }
  if (first < 0) return;
  throw new CanopusError(
    'dfu/verify-mismatch',
    `Flash holds ${hexByte(found[first])} at ${hex32(address + first)} where ${hexByte(expected[first])} ` +
      `was written; ${different} of ${expected.length} bytes in this block differ.`,
    {
      address: hex32(address + first),
      expected: hexByte(expected[first]),
      found: hexByte(found[first]),
      different,
    },
  );
}

/** Rejects with `dfu/erase-failed` where the start of a sector is not erased. ST's ROM reports no error for that. */
export function checkErased(address: number, found: Uint8Array): void {
  const index = found.findIndex((byte) => byte !== 0xff);
  if (index < 0) return;
  throw new CanopusError(
    'dfu/erase-failed',
    `The sector at ${hex32(address)} was erased but holds ${hexByte(found[index])} ` +
      `at ${hex32(address + index)}.`,
    { address: hex32(address + index), found: hexByte(found[index]) },
  );
}

/** Whether every byte is erased. */
export function isErased(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}
