import type { ChipRegisters } from '../chip/chip-registers.ts';
import { isRefusal } from './dfu-failure.ts';
import type { DfuSession } from './dfu-session.ts';

const uidLength = 12;

/**
 * The chip's unique id, 24 upper-case hex digits in memory order as Katapult and Klipper print it; null if the ROM does
 * not let it be read, which is normal. The device is in dfuIDLE afterwards either way. Costs one set-address.
 */
export async function readUid(session: DfuSession, { uidAddress }: ChipRegisters): Promise<string | null> {
  const bytes = await readIfAllowed(session, uidAddress, uidLength);
  if (bytes === null) return null;
  const uid = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  // What a ROM returns for memory that it hides.
  return /^(0*|f*)$/.test(uid) ? null : uid.toUpperCase();
}

/**
 * The KiB of flash from the register that the factory has written; null if the ROM does not let it be read. Call it
 * after `readUid` has read one: a register that follows the UID then costs no set-address.
 */
export async function readFlashSizeKiB(
  session: DfuSession,
  { uidAddress, flashSizeAddress }: ChipRegisters,
): Promise<number | null> {
  const offset = flashSizeAddress - uidAddress;
  const bytes = await readIfAllowed(session, uidAddress, offset + 2);
  if (bytes === null) return null;
  const kib = (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
  return kib === 0 || kib === 0xffff ? null : kib;
}

async function readIfAllowed(
  session: DfuSession,
  address: number,
  length: number,
): Promise<Uint8Array | null> {
  try {
    const bytes = await session.readBlock(address, length);
    await session.toIdle();
    return bytes;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await session.toIdle();
    return null;
  }
}
