import type { StationHandlers, StationInput } from '../../app/contract/station-contract.ts';
import type { JobList } from '../jobs/job-list.ts';
import { canopusVersion } from '../version.ts';
import type { FlashJobs } from './flash-jobs.ts';
import type { ImageShelf } from './image-shelf.ts';
import type { LiveBoards } from './live-boards.ts';

/** What the contract is served from. */
export interface StationServices {
  readonly boards: LiveBoards;
  readonly jobs: JobList;
  readonly images: ImageShelf;
  readonly flash: FlashJobs;
  /** True where the boards are virtual. */
  readonly simulated: boolean;
}

/** Binds every entry of the contract to the service that knows it. Each window has its own. */
export function stationHandlers(services: StationServices, host: 'electron' | 'headless'): StationHandlers {
  const { boards, jobs, images, flash } = services;
  return {
    'app.info': () =>
      Promise.resolve({
        version: canopusVersion,
        host,
        platform: process.platform,
        simulated: services.simulated,
      }),
    'boards.watch': (_, { signal }) => boards.follow(signal),
    'images.list': () => Promise.resolve(images.all()),
    'images.import': ({ name, base64 }: StationInput<'images.import'>) =>
      images.add(name, Buffer.from(base64, 'base64')),
    'flash.start': (input) => flash.start(input),
    'jobs.overview': (_, { signal }) => jobs.overview(signal),
    'jobs.watch': ({ jobId }, { after, signal }) => jobs.watch(jobId, after, signal),
    'jobs.cancel': ({ jobId }) => Promise.resolve(jobs.cancel(jobId)),
  };
}
