import type { Preset } from '../../app/boards/preset-schema.ts';
import { recipeForBoard, requireConfirmed } from '../../app/build/board-recipe.ts';
import type { BuildEvent } from '../../app/build/build-event.ts';
import { parseFirmwareSource, type FirmwareSource } from '../../app/build/firmware-source.ts';
import { usualSources } from '../../app/build/official-sources.ts';
import { firmwareOf, type FirmwareTarget } from '../../app/build/recipe.ts';
import type { JobEvent, StationInput } from '../../app/contract/station-contract.ts';
import { isCanopusError } from '../../app/errors.ts';
import { imageParts, partOf, type ImagePart } from '../../app/image/image-parts.ts';
import type { BuildOptions, BuildRequest } from '../firmware/build-request.ts';
import type { CandidateBuilds } from '../firmware/candidate-builds.ts';
import type { FirmwareService } from '../firmware/firmware-service.ts';
import type { JobList } from '../jobs/job-list.ts';
import { variantOf } from './flash-jobs.ts';

interface BuildJobsOptions {
  readonly firmware: FirmwareService;
  readonly jobs: JobList;
  readonly presets: readonly Preset[];
  /** Also builds a Katapult for other crystals, after the ordered images. */
  readonly candidates: CandidateBuilds;
  /** The default bit rate of an order. */
  readonly usualBitrateBps: () => number;
}

/** Starts firmware builds as jobs. */
export class BuildJobs {
  readonly #options: BuildJobsOptions;

  constructor(options: BuildJobsOptions) {
    this.#options = options;
  }

  /**
   * Checks the recipe and the sources, then queues one job that builds both images, one after the other, once both
   * trees have accepted the configuration.
   */
  start(order: StationInput<'builds.start'>): { jobId: string } {
    const { firmware, jobs, presets, candidates, usualBitrateBps } = this.#options;
    const wishes = { ...order, bitrateBps: order.bitrateBps ?? usualBitrateBps() };
    const choice = variantOf(presets, order.board);
    const board = recipeForBoard(choice, wishes);
    requireConfirmed(board, order.confirmed);
    const sourcesOf = (target: FirmwareTarget): readonly FirmwareSource[] => {
      const text = order[target];
      return text === null ? usualSources(target, order.on) : [parseFirmwareSource(text)];
    };
    const parts = imageParts.filter((part) => (order.parts ?? imageParts).includes(part));
    const requestsOf = (target: FirmwareTarget): readonly BuildRequest[] =>
      sourcesOf(target).map((source) => ({
        target,
        recipe: board.recipe,
        presetId: board.presetId,
        source,
        on: order.on,
        whilePrinting: order.whilePrinting,
      }));
    const wanted = parts.map((part) => requestsOf(firmwareOf[part]));
    const jobId = jobs.start({
      kind: 'build',
      place: null,
      presetId: board.presetId,
      // A build uses all cores: two at once would finish no sooner.
      queue: `build ${order.on}`,
      run: async ({ signal, emit }) => {
        const options = { signal, onEvent: (event: BuildEvent) => emit(jobEventOf(event)) };
        // All are configured before any is compiled, so that what one source does not know is refused first.
        const checks = wanted.map((requests) => this.#firstThere(requests, options));
        await Promise.allSettled(checks);
        const images: Record<ImagePart, string | null> = { bootloader: null, application: null };
        for (const request of await Promise.all(checks)) {
          const { record } = await firmware.build(request, options);
          const part = partOf(request.target);
          if (part !== null) images[part] = record.key;
          if (part === 'bootloader')
            candidates.begin(
              record,
              choice.preset.variants.map(({ crystalHz }) => crystalHz.value),
            );
        }
        return { kind: 'build', images };
      },
    });
    return { jobId };
  }

  /** The first whose source is there. Throws what `checkAll` throws. */
  async #firstThere(requests: readonly BuildRequest[], options: BuildOptions): Promise<BuildRequest> {
    for (const [index, request] of requests.entries()) {
      try {
        await this.#options.firmware.checkAll([request], options);
        return request;
      } catch (error) {
        // A Pi has Klipper; Katapult's source only where a person put it.
        if (!isCanopusError(error, 'source/not-on-pi') || index === requests.length - 1) throw error;
      }
    }
    throw new Error('a build without a source');
  }
}

function jobEventOf(event: BuildEvent): Exclude<JobEvent, { type: 'ended' }> {
  switch (event.type) {
    case 'phase':
      return { ...event, type: 'build-phase' };
    case 'log':
      return { ...event, type: 'line' };
    case 'note':
      return { type: 'note', text: event.text };
    case 'cached':
      return event;
  }
}
