import { Claims } from '../../../main/station/claims.ts';
import type { FlashJobs } from '../../../main/station/flash-jobs.ts';
import { Writing } from '../../../main/station/writing.ts';
import type { JobList } from '../../../main/jobs/job-list.ts';

/** For flows without an SD card. */
export const noCards = {
  write: (): Promise<never> => Promise.reject(new Error('no card is written here')),
};

/** One way to write, for the runners of a test that restores nothing. */
export function writingWith(
  flash: Pick<FlashJobs, 'start' | 'search'>,
  jobs: JobList,
): { readonly writing: Writing; readonly claims: Claims } {
  const claims = new Claims(jobs);
  const restored = (): Promise<never> => Promise.reject(new Error('nothing is restored here'));
  const restores = { start: restored, check: restored };
  return { writing: new Writing({ flash, restores, jobs, claims }), claims };
}
