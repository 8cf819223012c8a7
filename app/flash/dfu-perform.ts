import { CanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import type { DfuStatus } from '../protocols/dfuse/status.ts';
import type { DfuOperation } from './dfu-failure.ts';
import { describeOperation, explainRefusal, linkFailure, reportedFailure } from './dfu-failure.ts';
import type { DfuPort } from './dfu-port.ts';
import { workTimeoutMs } from './dfu-port.ts';

/** A device that keeps saying "busy, ask again in 0 ms" is asked less and less often, up to this pause. */
const longestBackoffMs = 500;

interface StagedWork {
  readonly wValue: number;
  readonly data: Uint8Array;
  readonly operation: DfuOperation;
  /** Called when the work is about to start: from here on the device may have begun it. */
  readonly onStart?: (() => void) | undefined;
}

/**
 * How long to wait for a busy device: as long as it requested, or a growing pause if it requests none. A wait beyond
 * the duration of any flash operation is garbage: `link/protocol`.
 */
export function waitFor(status: DfuStatus, busyAnswers: number): number {
  if (status.pollTimeoutMs > workTimeoutMs) {
    throw new CanopusError(
      'link/protocol',
      `The ROM bootloader asks for a wait of ${status.pollTimeoutMs} ms, more than any erase takes.`,
      { pollTimeoutMs: status.pollTimeoutMs },
    );
  }
  return status.pollTimeoutMs || Math.min(2 ** (busyAnswers - 1), longestBackoffMs);
}

/** Sleeps for at least `ms`: timers may be early by a fraction, and some ROMs mishandle an early GETSTATUS. */
export async function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  const endMs = clock.nowMs() + ms;
  for (let leftMs = ms; leftMs > 0; leftMs = endMs - clock.nowMs()) await clock.sleep(leftMs, signal);
}

/**
 * Carries out one DNLOAD: data stage, the GETSTATUS that starts the work, the wait that the device requests, and
 * GETSTATUS again until it is dfuDNLOAD-IDLE (AN3156, section 5). Three control transfers if the device keeps to its
 * announced wait. A cancel never stops it half-way: a started sector or block is finished.
 *
 * Throws the ROM's own error by name (`dfu/…`), `dfu/stuck-busy` after 40 s, or what the link throws.
 */
export async function perform(port: DfuPort, clock: Clock, work: StagedWork): Promise<void> {
  const { operation } = work;
  try {
    await port.dnload(work.wValue, work.data);
  } catch (error) {
    throw await explainRefusal(port, error, operation);
  }
  work.onStart?.();
  const status = await workedOff(port, clock, operation);
  if (status.state !== 'dfuDNLOAD-IDLE' || status.status !== 'OK') throw reportedFailure(status, operation);
}

/** GETSTATUS, and wait until the device is no longer busy; returns the status that ended it. */
async function workedOff(port: DfuPort, clock: Clock, operation: DfuOperation): Promise<DfuStatus> {
  const startMs = clock.nowMs();
  for (let busyAnswers = 1; ; busyAnswers += 1) {
    const status = await port.getStatus().catch((error: unknown) => {
      throw linkFailure(error, operation);
    });
    // dfuDNLOAD-SYNC after the work: the specification allows a device to request one more GETSTATUS.
    const pending = status.state === 'dfuDNBUSY' || status.state === 'dfuDNLOAD-SYNC';
    if (!pending || status.status !== 'OK') return status;
    const elapsedMs = Math.round(clock.nowMs() - startMs);
    if (elapsedMs >= workTimeoutMs) {
      throw new CanopusError(
        'dfu/stuck-busy',
        `The ROM bootloader is still ${status.state} ${elapsedMs} ms after ${describeOperation(operation)} began.`,
        { elapsedMs, bState: status.state, operation: operation.kind },
      );
    }
    await pause(clock, waitFor(status, busyAnswers));
  }
}
