import { CanopusError, isCanopusError } from '../errors.ts';
import type { DfuStatus } from '../protocols/dfuse/status.ts';
import type { Clock } from '../transport/clock.ts';
import { pause, waitFor } from './dfu-perform.ts';
import type { DfuPort } from './dfu-port.ts';
import { promptTimeoutMs, workTimeoutMs } from './dfu-port.ts';

interface RecoverOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** For one request, and for the whole recovery. */
  readonly limitMs?: number;
}

/** If CLRSTATUS and ABORT change nothing after this many tries, they will not change anything. */
const maxTries = 8;
/** How many busy replies count as the honest work of an earlier tool, each with the wait that it requests. */
const patientAnswers = 2;

/** A refusal is also a reply here: only a device that disappeared, or a cancel, ends the attempt. */
async function attempt<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isCanopusError(error, 'link/stall') || isCanopusError(error, 'link/protocol')) return null;
    throw error;
  }
}

/**
 * A tool that died between DNLOAD and GETSTATUS leaves its command staged, and our next GETSTATUS would carry it out:
 * an erase, perhaps. GETSTATE looks without starting anything; ABORT drops what is staged.
 */
async function forgetStagedWork(port: DfuPort, limitMs: number, signal?: AbortSignal): Promise<void> {
  const state = await attempt(port.getState(limitMs, signal));
  if (state === 'dfuDNLOAD-SYNC' || state === 'dfuMANIFEST-SYNC') await attempt(port.abort());
}

interface Recovered {
  /**
   * The ROM reported errFIRMWARE, which it does once after a reset: CLRSTATUS is its first command since then, so all
   * of its initial state is unchanged.
   */
  readonly fresh: boolean;
}

/**
 * Brings a device from any state to dfuIDLE: CLRSTATUS out of dfuERROR (the first reply after a reset is often dfuERROR
 * with errFIRMWARE: normal), ABORT out of the waiting states, patience and then both for one that stays busy.
 *
 * Throws `dfu/stuck-busy` if it stays busy, `dfu/device-error` if an error does not clear, and `device/wrong-mode` if
 * the device runs its application.
 */
export async function recoverToIdle(port: DfuPort, options: RecoverOptions): Promise<Recovered> {
  const { clock, signal, limitMs = workTimeoutMs } = options;
  const startMs = clock.nowMs();
  await forgetStagedWork(port, limitMs, signal);
  let busyAnswers = 0;
  let fresh: boolean | null = null;
  for (let tries = 1; ;) {
    const status = await port.getStatus(limitMs, signal);
    fresh ??= status.status === 'errFIRMWARE';
    if (status.state === 'dfuIDLE') return { fresh };
    const busy = status.state === 'dfuDNBUSY' || status.state === 'dfuMANIFEST';
    if (busy) busyAnswers += 1;
    else tries += 1;
    const elapsedMs = Math.round(clock.nowMs() - startMs);
    if (tries > maxTries || elapsedMs >= limitMs) throw gaveUp(status, elapsedMs);
    if (busy) {
      await pause(clock, waitFor(status, busyAnswers), signal);
      if (busyAnswers <= patientAnswers) continue;
    }
    await nudge(port, status, Math.min(limitMs, promptTimeoutMs));
  }
}

/** One step towards dfuIDLE. */
async function nudge(port: DfuPort, status: DfuStatus, timeoutMs: number): Promise<void> {
  switch (status.state) {
    case 'dfuERROR':
      await attempt(port.clearStatus(timeoutMs));
      return;
    case 'appIDLE':
    case 'appDETACH':
      throw new CanopusError(
        'device/wrong-mode',
        `The device runs its application (${status.state}), not the ROM bootloader.`,
        { bState: status.state, mode: 'application', wanted: 'dfu' },
      );
    case 'dfuDNBUSY':
    case 'dfuMANIFEST':
    case 'dfuMANIFEST-WAIT-RESET':
      await attempt(port.clearStatus(timeoutMs));
      await attempt(port.abort(timeoutMs));
      return;
    default:
      await attempt(port.abort(timeoutMs));
  }
}

function gaveUp(status: DfuStatus, elapsedMs: number): CanopusError {
  const details = { bState: status.state, bStatus: status.status, elapsedMs };
  return status.state === 'dfuERROR'
    ? new CanopusError(
        'dfu/device-error',
        `The ROM bootloader keeps reporting ${status.status} and does not clear it.`,
        details,
      )
    : new CanopusError(
        'dfu/stuck-busy',
        `The ROM bootloader stays in ${status.state}, for ${elapsedMs} ms now.`,
        details,
      );
}
