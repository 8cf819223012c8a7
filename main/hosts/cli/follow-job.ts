import { fromWireError } from '../../../app/contract/frames.ts';
import type { JobEvent, JobView, StationClient } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { CliIo } from './context.ts';

export type JobHappening = Exclude<JobEvent, { type: 'ended' }>;
type Reports = NonNullable<JobView['report']>;
export type ReportOf<K extends Reports['kind']> = Extract<Reports, { kind: K }>;

/**
 * Follows a job to its end and returns its report; throws its failure. Ctrl-C asks this job, and no other, to end at
 * its next safe point.
 */
export async function followJob<K extends Reports['kind']>(
  io: CliIo,
  client: StationClient,
  jobId: string,
  kind: K,
  onEvent: (event: JobHappening) => void,
): Promise<ReportOf<K>> {
  const cancel = (): void => {
    io.print('\nStopping at a safe point; Ctrl-C again stops at once.');
    // If the station has gone, that ends the stream below.
    client.call('jobs.cancel', { jobId }).catch(() => undefined);
  };
  if (io.signal.aborted) cancel();
  io.signal.addEventListener('abort', cancel, { once: true });
  try {
    for await (const { event } of client.stream('jobs.watch', { jobId })) {
      if (event.type !== 'ended') onEvent(event);
      else if (event.error !== null) throw fromWireError(event.error);
    }
    const { report } = await client.call('jobs.get', { jobId });
    if (report?.kind === kind) return report as ReportOf<K>;
    throw new CanopusError('internal', `The job ${jobId} reported ${report?.kind ?? 'nothing'}.`);
  } finally {
    io.signal.removeEventListener('abort', cancel);
  }
}
