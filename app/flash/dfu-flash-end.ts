import { flashSizesKiB, mcuNames } from '../mcu/mcu.ts';
import { flashStart } from '../mcu/stm32-memory.ts';
import type { ChipFacts } from '../chip/chip-facts.ts';
import { CanopusError, isCanopusError } from '../errors.ts';
import { isRefusal } from './dfu-failure.ts';
import type { DfuSession } from './dfu-session.ts';

/** The smallest part of all. */
const leastFlashBytes = 1024 * Math.min(...mcuNames.flatMap((mcu) => flashSizesKiB(mcu)));

/**
 * Number of readable bytes of flash, from 0x08000000: the size in the factory's register if the ROM lets it be read, or
 * else as many of those that the ROM describes as it actually sends. The ROM of an F407 has been seen describing 1024
 * KiB on a part with 512. Throws `dfu/read-protected`, `dfu/bad-layout` if nothing can be read, and as the link does.
 */
export async function readableFlashBytes(
  session: DfuSession,
  { flashBytes, flashSizeKiB }: Pick<ChipFacts, 'flashBytes' | 'flashSizeKiB'>,
): Promise<number> {
  if (flashSizeKiB !== null) return Math.min(flashBytes, flashSizeKiB * 1024);
  for (let bytes = flashBytes; bytes >= leastFlashBytes; bytes /= 2) {
    if (await canRead(session, flashStart + bytes - session.transferSize)) return bytes;
  }
  throw new CanopusError(
    'dfu/bad-layout',
    `The chip describes ${flashBytes / 1024} KiB of flash but sends none.`,
    {
      flashBytes,
    },
  );
}

async function canRead(session: DfuSession, address: number): Promise<boolean> {
  try {
    await session.readBlock(address, session.transferSize);
    return true;
  } catch (error) {
    if (isCanopusError(error, 'dfu/read-protected') || !isRefusal(error)) throw error;
    await session.toIdle();
    return false;
  }
}
