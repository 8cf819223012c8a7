import type { Phase } from '../../../app/flash/flash-event.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { systemClock } from '../../system-clock.ts';
import type { CliIo } from './context.ts';
import { followJob, type ReportOf } from './follow-job.ts';
import { isFlashEvent, progressPrinter } from './show-progress.ts';

/** The phases that change what flash holds. */
const changes: readonly Phase[] = ['unprotect', 'erase', 'write'];

/** Shows what a job does to a board, to its end, and returns its report; throws how it failed. */
export async function followFlash<K extends 'flash-board' | 'restore'>(
  io: CliIo,
  client: StationClient,
  jobId: string,
  kind: K,
): Promise<ReportOf<K>> {
  const show = progressPrinter(io, systemClock);
  try {
    return await followJob(io, client, jobId, kind, (event) => {
      // A flasher's own errors say it better; from here on none may claim that nothing was changed.
      if (event.type === 'phase' && changes.includes(event.phase)) io.leaves('unknown');
      if (isFlashEvent(event)) show(event);
    });
  } catch (error) {
    // What the job did since it was heard of last is not known.
    if (isCanopusError(error, 'contract/disconnected')) io.leaves('unknown');
    throw error;
  }
}
