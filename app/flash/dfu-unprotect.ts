import { flashStart } from '../mcu/stm32-memory.ts';
import { CanopusError, isCanopusError } from '../errors.ts';
import { commandBlockNumber, encodeReadUnprotect } from '../protocols/dfuse/command.ts';
import { explainRefusal, linkFailure, reportedFailure } from './dfu-failure.ts';
import { pause, waitFor } from './dfu-perform.ts';
import { workTimeoutMs } from './dfu-port.ts';
import type { DfuSession } from './dfu-session.ts';

interface UnprotectOptions {
  /** Must be literally true: this erases the whole chip. */
  readonly confirmed: boolean;
  /** Called when it cannot be stopped any more. */
  readonly onStart?: () => void;
}

/**
 * Removes the read protection (AN3156, 5.4). The chip erases itself completely and then resets, so the device
 * disappears: resolves when it did, and the caller waits for it to come back. It must not lose power meanwhile.
 *
 * Throws `dfu/unprotect-not-confirmed` before anything is sent, the ROM's own error, or `dfu/stuck-busy`.
 */
export async function removeReadProtection(session: DfuSession, options: UnprotectOptions): Promise<void> {
  if (!options.confirmed) {
    throw new CanopusError(
      'dfu/unprotect-not-confirmed',
      'Removing the read protection erases the whole chip and was not confirmed.',
    );
  }
  await session.toIdle();
  const { port, clock } = session;
  const operation = session.operation('unprotect', flashStart, 0);
  session.distrust();
  try {
    await port.dnload(commandBlockNumber, encodeReadUnprotect());
  } catch (error) {
    throw await explainRefusal(port, error, operation);
  }
  options.onStart?.();
  const startMs = clock.nowMs();
  for (let answers = 1; ; answers += 1) {
    // The first reply is dfuDNBUSY and starts the erase; after that the device should not reply any more.
    const status = await port.getStatus().catch((error: unknown) => {
      if (answers > 1 && hasDroppedOff(error)) return null;
      throw linkFailure(error, operation);
    });
    if (status === null) return;
    if (status.status !== 'OK') throw reportedFailure(status, operation);
    if (status.state !== 'dfuDNBUSY') {
      // Some devices reply once more before they reset.
      if (answers > 1) return;
      throw reportedFailure(status, operation);
    }
    const elapsedMs = Math.round(clock.nowMs() - startMs);
    if (elapsedMs >= workTimeoutMs) {
      throw new CanopusError(
        'dfu/stuck-busy',
        `The chip is still busy ${elapsedMs} ms after it was asked to remove its read protection.`,
        { elapsedMs, operation: operation.kind },
      );
    }
    await pause(clock, waitFor(status, answers));
  }
}

function hasDroppedOff(error: unknown): boolean {
  return isCanopusError(error, 'link/gone') || isCanopusError(error, 'link/io');
}
