import { fromWireError } from '../../../app/contract/frames.ts';
import type { StationInput } from '../../../app/contract/station-contract.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import type { UpdateStep } from '../../../app/printer/plan-types.ts';
import type { KeptImage } from '../../../app/printer/printer-mcu.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import type { JobList } from '../../jobs/job-list.ts';
import type { BuildJobs } from '../build-jobs.ts';
import { variantOf } from '../flash-jobs.ts';
import type { StationImages } from '../station-images.ts';

interface UpdateImagesOptions {
  readonly images: Pick<StationImages, 'addSamples'>;
  readonly builds: Pick<BuildJobs, 'start'>;
  readonly jobs: Pick<JobList, 'follow' | 'cancel'>;
  readonly cache: Pick<ImageCache, 'require'>;
  readonly presets: readonly Preset[];
}

const roles = { node: 'node', bridge: 'bridge', board: 'usb' } as const;
const never = new AbortController().signal;

/** Makes Klipper for the MCUs of an update from the sources that run on the Pi. */
export class UpdateImages {
  readonly #options: UpdateImagesOptions;

  constructor(options: UpdateImagesOptions) {
    this.#options = options;
  }

  /**
   * Klipper for one MCU; null for the process on the Pi. `login` is the Pi's, null for the virtual one, whose boards get
   * sample images. Throws `printer/board-unknown`, and as `builds.start` does.
   */
  async of(step: UpdateStep, login: string | null, signal: AbortSignal): Promise<KeptImage | null> {
    const { role, preset, name, bitrateBps } = step;
    if (role === 'host-process') return null;
    if (preset === null) {
      const message = `No record says which board [${name}] is.`;
      throw new CanopusError('printer/board-unknown', message, { mcu: name }, { state: 'untouched' });
    }
    const { images, presets } = this.#options;
    const board = this.#boardOf(preset, name);
    if (login === null) {
      const made = await images.addSamples(variantOf(presets, board), roles[role]);
      return await this.#kept(made.application);
    }
    const order = { ...usualOrder, board, klipper: `pi:${login}`, role: roles[role], bitrateBps };
    try {
      return await this.#built({ ...order, on: `pi:${login}` }, signal);
    } catch (error) {
      // Without a compiler on the Pi its sources are built here.
      if (!isCanopusError(error) || !error.code.startsWith('toolchain/')) throw error;
      return await this.#built({ ...order, on: 'local' }, signal);
    }
  }

  /** A board that is sold with one chip needs no variant. */
  #boardOf(
    { presetId, variantId }: NonNullable<UpdateStep['preset']>,
    name: string,
  ): StationInput<'builds.start'>['board'] {
    const variants = this.#options.presets.find(({ id }) => id === presetId)?.variants ?? [];
    const only = variants.length === 1 ? variants[0]?.id : undefined;
    const chosen = variantId ?? only;
    if (chosen !== undefined) return { presetId, variantId: chosen };
    const message = `[${name}] is a ${presetId}, but with which of its chips is unknown.`;
    throw new CanopusError('printer/board-unknown', message, { mcu: name }, { state: 'untouched' });
  }

  async #built(order: StationInput<'builds.start'>, signal: AbortSignal): Promise<KeptImage> {
    const { builds, jobs } = this.#options;
    const { jobId } = builds.start(order);
    const cancel = (): void => void jobs.cancel(jobId);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      for await (const { status, error, report } of jobs.follow(jobId, never)) {
        if (error !== null) throw fromWireError(error);
        const key = report?.kind === 'build' ? report.images.application : null;
        if (status === 'done' && key !== null) return await this.#kept(key);
      }
      throw new CanopusError('internal', 'A build ended without an image.');
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async #kept(key: string): Promise<KeptImage> {
    const { record } = await this.#options.cache.require(key);
    return { key, sha256: record.info.sha256, version: record.info.version };
  }
}

const usualOrder = {
  katapult: null,
  parts: ['application'],
  canPins: null,
  crystalHz: null,
  applicationOffset: null,
  extra: { katapult: {}, klipper: {} },
  confirmed: false,
  whilePrinting: false,
} satisfies Partial<StationInput<'builds.start'>>;
