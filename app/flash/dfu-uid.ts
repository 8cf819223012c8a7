import { isRefusal } from './dfu-failure.ts';
import { stm32f4Rom } from '../mcu/stm32f4-rom.ts';
import type { DfuSession } from './dfu-session.ts';

/** Where every chip here that is asked through DFU has it: before it is read, the ROM does not name its chip. */
const { uidAddress, flashSizeAddress } = stm32f4Rom;
const uidLength = 12;
/** From the UID on: the KiB of flash, 16 bits. */
const flashSizeOffset = flashSizeAddress - uidAddress;

/**
 * The chip's unique id, 24 upper-case hex digits in memory order as Katapult and Klipper print it; null if the ROM does
 * not let it be read, which is normal. The device is in dfuIDLE afterwards either way. Costs one set-address.
 */
export async function readUid(session: DfuSession): Promise<string | null> {
  try {
    const bytes = await session.readBlock(uidAddress, uidLength);
    await session.toIdle();
    const uid = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    // What a ROM returns for memory that it hides.
    return /^(0*|f*)$/.test(uid) ? null : uid.toUpperCase();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await session.toIdle();
    return null;
  }
}

/**
 * The KiB of flash from the register that the factory has written; null if the ROM does not let it be read. Call it
 * after `readUid` has read one: the register follows the UID and then costs no set-address.
 */
export async function readFlashSizeKiB(session: DfuSession): Promise<number | null> {
  try {
    const bytes = await session.readBlock(uidAddress, flashSizeOffset + 2);
    await session.toIdle();
    const kib = (bytes[flashSizeOffset] ?? 0) | ((bytes[flashSizeOffset + 1] ?? 0) << 8);
    return kib === 0 || kib === 0xffff ? null : kib;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await session.toIdle();
    return null;
  }
}
