import type { Preset } from '../../app/boards/preset-schema.ts';
import { recipeForBoard, requireConfirmed } from '../../app/build/board-recipe.ts';
import type { BuildEvent } from '../../app/build/build-event.ts';
import { parseFirmwareSource } from '../../app/build/firmware-source.ts';
import { firmwareOf, type FirmwareTarget } from '../../app/build/recipe.ts';
import type { JobEvent, StationInput } from '../../app/contract/station-contract.ts';
import type { BuildRequest } from '../firmware/build-request.ts';
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
    const sources = {
      katapult: parseFirmwareSource(order.katapult),
      klipper: parseFirmwareSource(order.klipper),
    };
    const jobId = jobs.start({
      kind: 'build',
      place: null,
      presetId: board.presetId,
      // A build uses all cores: two at once would finish no sooner.
      queue: `build ${order.on}`,
      run: async ({ signal, emit }) => {
        const options = { signal, onEvent: (event: BuildEvent) => emit(jobEventOf(event)) };
        const request = (target: FirmwareTarget): BuildRequest => ({
          target,
          recipe: board.recipe,
          presetId: board.presetId,
          source: sources[target],
          on: order.on,
          whilePrinting: order.whilePrinting,
        });
        await firmware.checkAll([request('katapult'), request('klipper')], options);
        const bootloader = await firmware.build(request(firmwareOf.bootloader), options);
        const application = await firmware.build(request(firmwareOf.application), options);
        candidates.begin(
          bootloader.record,
          choice.preset.variants.map(({ crystalHz }) => crystalHz.value),
        );
        const images = { bootloader: bootloader.record.key, application: application.record.key };
        return { kind: 'build', images };
      },
    });
    return { jobId };
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
