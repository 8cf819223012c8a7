import type { StationClient, StationEvent } from '../../app/contract/station-contract.ts';
import { isCanopusError } from '../../app/errors.ts';

/** Everything that happened in one job from its start, then what happens, until it ends or the signal is aborted. */
export async function followJob(
  client: StationClient,
  jobId: string,
  signal: AbortSignal,
  take: (event: StationEvent<'jobs.watch'>) => void,
): Promise<void> {
  try {
    for await (const event of client.stream('jobs.watch', { jobId }, { signal })) take(event);
  } catch (error) {
    // A job that the station forgot has no events any more; its result is shown elsewhere.
    if (!isCanopusError(error)) throw error;
  }
}
