import { CanopusError } from '../errors.ts';
import { hex32 } from '../hex.ts';
import type { Sector } from '../protocols/dfuse/sectors.ts';
import { throwIfCancelled } from './board-progress.ts';
import { readMemory } from './dfu-read.ts';
import type { DfuInstall } from './dfu-steps.ts';
import { isErased } from './flash-bytes.ts';
import { isRefusedWithoutEffect } from './dfu-failure.ts';
import type { FlashEvent } from './flash-event.ts';

/**
 * Throws `dfu/erase-all-not-confirmed` if flash holds anything outside of the sectors that an install replaces anyway.
 * Reads until it finds something.
 */
export async function requireNothingElse(run: DfuInstall, sectors: readonly Sector[]): Promise<void> {
  const { plan, session, signal, board } = run;
  const replaced = [...plan.imageSectors, plan.applicationSector].map(({ address }) => address);
  for (const sector of sectors.filter(({ address }) => !replaced.includes(address))) {
    for await (const { address, bytes } of readMemory(session, sector.address, sector.size)) {
      throwIfCancelled(signal, board);
      if (isErased(bytes)) continue;
      const message =
        `Katapult on this chip cannot replace what is in a sector, so all of its flash is erased now. ` +
        `It holds something at ${hex32(address)} that would be lost.`;
      throw new CanopusError('dfu/erase-all-not-confirmed', message, { address: hex32(address) });
    }
  }
}

/** All of flash, at once. */
export async function* eraseAll(
  run: DfuInstall,
  sectors: readonly Sector[],
): AsyncGenerator<FlashEvent, void, void> {
  yield { type: 'phase', phase: 'erase', safeToStop: false };
  const { session, board, signal } = run;
  throwIfCancelled(signal, board);
  const { state } = board;
  try {
    await session.massErase(() => {
      board.state = 'dfu-partial';
    });
  } catch (error) {
    if (isRefusedWithoutEffect(error)) board.state = state;
    throw error;
  }
  board.sectorsErased += sectors.length;
  const bytes = sectors.reduce((sum, { size }) => sum + size, 0);
  yield { type: 'progress', phase: 'erase', bytesDone: bytes, bytesTotal: bytes };
}
