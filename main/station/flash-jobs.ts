import { findPreset, type PresetChoice } from '../../app/boards/preset.ts';
import type { Preset } from '../../app/boards/preset-schema.ts';
import type { StationInput } from '../../app/contract/station-contract.ts';
import { expectationOf } from '../../app/image/board-expectation.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { ImageCache } from '../firmware/image-cache.ts';
import { checkBoardImages, type LoadedImage } from '../jobs/board-images.ts';
import { flashBoard } from '../jobs/flash-board.ts';
import type { JobList } from '../jobs/job-list.ts';
import type { JobServices } from '../jobs/job-services.ts';

/** Starts the flashing of boards as jobs. */
export class FlashJobs {
  readonly #services: JobServices;
  readonly #jobs: JobList;
  readonly #cache: ImageCache;
  readonly #presets: readonly Preset[];

  constructor(services: JobServices, jobs: JobList, cache: ImageCache, presets: readonly Preset[]) {
    this.#services = services;
    this.#jobs = jobs;
    this.#cache = cache;
    this.#presets = presets;
  }

  /** Checks the images for the board and against each other, then queues the job. */
  async start(order: StationInput<'flash.start'>): Promise<{ jobId: string }> {
    const { portPath, board, confirmReadUnprotect } = order;
    const choice = variantOf(this.#presets, board);
    const [katapult, klipper] = await Promise.all([this.#load(order.katapult), this.#load(order.klipper)]);
    const images = checkBoardImages(katapult, klipper, expectationOf(choice));
    const jobId = this.#jobs.start({
      kind: 'flash-board',
      portPath,
      presetId: `${board.presetId}:${board.variantId}`,
      run: async ({ signal, emit }) => ({
        kind: 'flash-board',
        ...(await flashBoard(this.#services, {
          portPath,
          images,
          confirmReadUnprotect,
          signal,
          onEvent: emit,
        })),
      }),
    });
    return { jobId };
  }

  async #load(key: string): Promise<LoadedImage> {
    const { record, bytes } = await this.#cache.require(key);
    const name = record.importedFrom ?? `${record.info.kind} ${record.info.version ?? ''}`.trim();
    return { name, bytes, info: await inspectImage(bytes) };
  }
}

/** The one variant of a preset that a person chose. Throws `preset/unknown`. */
export function variantOf(
  presets: readonly Preset[],
  { presetId, variantId }: { presetId: string; variantId: string },
): PresetChoice {
  return findPreset(presets, `${presetId}:${variantId}`);
}
