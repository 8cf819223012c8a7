import { CanopusError } from '../errors.ts';
import { hex32 } from '../hex.ts';
import type { DfuSession } from './dfu-session.ts';
import { firstDifference, isErased, sameBytes } from './flash-bytes.ts';
import { deadBitsDetails, describeDeadBits, findDeadBits, hexByte } from './flash-damage.ts';

/**
 * Reads one transfer and compares it with the expected bytes. A difference is read once more, to distinguish dead cells
 * from a write that did not happen. Throws `dfu/flash-damaged`, `dfu/verify-mismatch` with the first byte that differs,
 * and as `DfuSession.readBlock` does.
 */
export async function checkWritten(
  session: DfuSession,
  address: number,
  expected: Uint8Array,
): Promise<void> {
  const found = await session.readBlock(address, expected.length);
  const first = firstDifference(expected, found);
  if (first < 0) return;
  const again = await session.readBlock(address, expected.length);
  const damage = sameBytes(found, again) ? findDeadBits(address, expected, found) : null;
  if (damage !== null) {
    throw new CanopusError('dfu/flash-damaged', describeDeadBits(damage, 'written'), deadBitsDetails(damage));
  }
  const different = expected.filter((byte, index) => byte !== found[index]).length;
  const second = sameBytes(found, again) ? '' : ' A second read gave a different value again.';
  throw new CanopusError(
    'dfu/verify-mismatch',
    `Flash holds ${hexByte(found[first])} at ${hex32(address + first)} where ${hexByte(expected[first])} ` +
      `was written; ${different} of ${expected.length} bytes in this block differ.${second}`,
    {
      address: hex32(address + first),
      expected: hexByte(expected[first]),
      found: hexByte(found[first]),
      different,
    },
  );
}

/**
 * Reads one transfer of a sector that was erased. ST's ROM reports no error for an erase that did nothing. Throws
 * `dfu/flash-damaged`, `dfu/erase-failed`, and as `DfuSession.readBlock` does.
 */
export async function checkErased(session: DfuSession, address: number, length: number): Promise<void> {
  const found = await session.readBlock(address, length);
  if (isErased(found)) return;
  const again = await session.readBlock(address, length);
  const erased = new Uint8Array(length).fill(0xff);
  const damage = sameBytes(found, again) ? findDeadBits(address, erased, found) : null;
  if (damage !== null) {
    throw new CanopusError('dfu/flash-damaged', describeDeadBits(damage, 'erased'), deadBitsDetails(damage));
  }
  const index = firstDifference(erased, found);
  throw new CanopusError(
    'dfu/erase-failed',
    `The flash at ${hex32(address)} was erased but holds ${hexByte(found[index])} at ${hex32(address + index)}.`,
    { address: hex32(address + index), found: hexByte(found[index]) },
  );
}
