import { CanopusError, isCanopusError } from '../errors.ts';
import { commandCode, encodeRequestBlock } from '../protocols/katapult/command.ts';
import { parseWord } from '../protocols/katapult/answer.ts';
import { hex32 } from '../hex.ts';
import { isMcuName, mcuFacts } from '../mcu/mcu.ts';
import { deadBitsDetails, describeDeadBits, findDeadBits, type DeadBits } from './flash-damage.ts';
import { isErased } from './flash-bytes.ts';
import type { KatapultBlock } from './katapult-blocks.ts';
import type { KatapultSession } from './katapult-session.ts';

const readTimeoutMs = 2000;

/**
 * Why Katapult finally refused to write a block. It replies with the same command error for a block that does not read
 * back as sent, and for one whose place is not erased (Katapult, src/stm32/flash.c, `flash_write_block`): so the block
 * is read. On an MCU on which it fails at what is not blank, that is `katapult/sector-occupied`; a few wrong bits are
 * dead cells, `katapult/flash-damaged`; otherwise the error stays unchanged. Never throws.
 */
export async function explainRefusedWrite(
  session: KatapultSession,
  error: unknown,
  blocks: readonly KatapultBlock[],
  mcu: string,
): Promise<unknown> {
  if (!isCanopusError(error, 'katapult/command-failed')) return error;
  const block = blocks.find(({ address }) => hex32(address) === error.details['address']);
  if (block === undefined) return error;
  const found = await readOnce(session, block).catch(() => null);
  if (found === null) return error;
  if (isMcuName(mcu) && mcuFacts[mcu].katapultNeedsBlankSectors && !isErased(found))
    return occupied(block, mcu, error);
  const written = findDeadBits(block.address, block.data, found);
  // A cell that does not erase keeps the whole block from being written.
  const erased = findDeadBits(block.address, new Uint8Array(found.length).fill(0xff), found);
  if (written !== null) return damaged(written, 'written', error);
  return erased === null ? error : damaged(erased, 'erased', error);
}

function occupied({ address }: KatapultBlock, mcu: string, cause: CanopusError): CanopusError {
  const message = `Katapult refused to write at ${hex32(address)}, where flash is not blank: on ${mcu} it does not erase.`;
  return new CanopusError('katapult/sector-occupied', message, { ...cause.details, mcu }, { cause });
}

function damaged(bits: DeadBits, done: 'written' | 'erased', cause: CanopusError): CanopusError {
  const details = { ...cause.details, ...deadBitsDetails(bits) };
  return new CanopusError('katapult/flash-damaged', describeDeadBits(bits, done), details, { cause });
}

/** The block as flash holds it; null if Katapult's reply is unusable. */
async function readOnce(session: KatapultSession, block: KatapultBlock): Promise<Uint8Array | null> {
  await session.send([encodeRequestBlock(block.address)]);
  const reply = await session.reply(readTimeoutMs);
  if (reply.type !== 'ack' || reply.command !== commandCode.requestBlock) return null;
  if (parseWord(reply.data) !== block.address) return null;
  const found = reply.data.subarray(4);
  return found.length === block.data.length ? found : null;
}
