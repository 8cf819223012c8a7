import { type PlaceId, portPathOf } from '../../../app/place.ts';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { McuName } from '../../../app/mcu/mcu.ts';
import type { KnownKlipper } from '../../../app/bench/bench-recipe.ts';
import { emptyBench, newSlot, type SlotState } from '../../../app/bench/bench-state.ts';
import { emptySlotMap } from '../../../app/bench/slot-map.ts';
import { storedInfoOf, type ImageRecord, type ListedImage } from '../../../app/build/image-record.ts';
import type { StationInput } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import type { CachedImage } from '../../../main/firmware/image-cache.ts';
import type { DeviceAccess } from '../../../main/devices/device-access.ts';
import { BackupStore } from '../../../main/backups/backup-store.ts';
import type { CrystalImages } from '../../../main/jobs/crystal-images.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import { loadPresets } from '../../../main/presets.ts';
import type { BenchInput } from '../../../main/sim/bench-config.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { devicesOf } from '../host-systems.ts';
import type { KeptBench } from '../../../main/station/bench/bench-file.ts';
import {
  BenchRunner,
  type BenchStore,
  type BenchServices,
} from '../../../main/station/bench/bench-runner.ts';
import { crystalSupply, type SupplyOrder } from '../../../main/station/rescue/crystal-supply.ts';
import { FlashJobs } from '../../../main/station/flash-jobs.ts';
import { LiveBoards } from '../../../main/station/live-boards.ts';
import { writingWith } from './writing-rig.ts';

const presets = await loadPresets();

/** Images without a disk. */
export class ImagesInMemory {
  readonly #images = new Map<string, CachedImage>();

  async add(bytes: Uint8Array): Promise<string> {
    return (await this.importImage(bytes)).record.key;
  }

  async importImage(bytes: Uint8Array): Promise<CachedImage> {
    const info = await inspectImage(bytes);
    const key = createHash('sha256').update('key').update(bytes).digest('hex');
    const record: ImageRecord = {
      format: 1,
      key,
      origin: 'imported',
      info: storedInfoOf(info),
      presetId: null,
      build: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      importedFrom: `${info.kind}.bin`,
    };
    const image = { record, bytes };
    this.put(image);
    return image;
  }

  put(image: CachedImage): void {
    this.#images.set(image.record.key, image);
  }

  list(): Promise<ListedImage[]> {
    const seen = { pinned: false, held: false, lastUsedAt: '2026-01-01T00:00:00.000Z' };
    return Promise.resolve([...this.#images.values()].map(({ record }) => ({ record, ...seen })));
  }

  get(key: string): Promise<CachedImage | null> {
    return Promise.resolve(this.#images.get(key) ?? null);
  }

  /** What a search for a crystal can write: look-alikes, for nothing is built here. */
  crystals(order: SupplyOrder): Promise<CrystalImages> {
    const build = (): never => {
      throw new Error('nothing is built here');
    };
    return crystalSupply(
      {
        cache: this,
        build,
        importImage: (bytes) => this.importImage(bytes),
        obstacleOn: () => Promise.resolve('nothing is built here.'),
      },
      order,
    );
  }

  readRecord(key: string): Promise<ImageRecord | null> {
    return Promise.resolve(this.#images.get(key)?.record ?? null);
  }

  noteOnBoard(): Promise<void> {
    return Promise.resolve();
  }

  require(key: string): Promise<CachedImage> {
    const image = this.#images.get(key);
    if (image !== undefined) return Promise.resolve(image);
    return Promise.reject(new CanopusError('cache/unknown-image', `There is no image ${key}.`));
  }
}

/** A file without a disk. */
export function benchInMemory(kept: KeptBench = { map: emptySlotMap, state: emptyBench }): BenchStore & {
  kept: string;
} {
  const file = {
    kept: JSON.stringify(kept),
    get current() {
      return JSON.parse(file.kept) as KeptBench;
    },
    keep: (next: KeptBench) => {
      file.kept = JSON.stringify(next);
    },
    settled: () => Promise.resolve(),
  };
  return file;
}

export const variants = {
  stm32f446xx: { presetId: 'btt-octopus', variantId: 'f446' },
  stm32f407xx: { presetId: 'btt-octopus', variantId: 'f407' },
  stm32f429xx: { presetId: 'btt-octopus', variantId: 'f429' },
} as const;
export type RigMcu = keyof typeof variants;

export interface RecipeImages {
  readonly bootloader: Uint8Array;
  readonly application: Uint8Array;
}

/** Small ones: what is tested is who gets which. */
export function imagesFor(mcu: McuName, seed = 1): RecipeImages {
  return {
    bootloader: makeKatapultImage({ mcu, seed, size: 2_048 }),
    application: makeKlipperImage({ mcu, seed, size: 3_072 }),
  };
}

/** A station's bench on virtual boards, with hands that do at once what a job asks for. */
export class BenchRig implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly bench: VirtualBench;
  readonly cache = new ImagesInMemory();
  readonly file = benchInMemory();
  /** What a probe of the bench waits for before its device replies; null: nothing. */
  probesWaitFor: Promise<void> | null = null;
  /** False: the jumpers stay on. */
  handsObey = true;
  #station: RigStation | null = null;

  private constructor(input: BenchInput) {
    this.bench = new VirtualBench(input, { clock: this.clock });
  }

  static async open(input: BenchInput): Promise<BenchRig> {
    const rig = new BenchRig(input);
    await rig.start();
    return rig;
  }

  get runner(): BenchRunner {
    return this.#running.runner;
  }

  get jobs(): JobList {
    return this.#running.jobs;
  }

  get slots(): readonly SlotState[] {
    return this.runner.state.slots;
  }

  /** Starts the station, again after `crash`. */
  async start(): Promise<void> {
    const { bench, clock, cache, file } = this;
    const devices = devicesOf(this.bench);
    const watch = await DeviceWatch.open(devices, clock);
    const boards = await LiveBoards.open(devices);
    const now = (): Date => new Date(Date.UTC(2026, 0, 1) + clock.nowMs());
    const jobs = new JobList((error) => String(this.faults.push(error)), now);
    const flash = new FlashJobs({
      servicesAt: () => ({ devices, clock, watch }),
      jobs,
      cache,
      crystals: (order) => cache.crystals(order),
      presets,
      // No backup is asked for here: nothing can be made below a file.
      backups: new BackupStore(join(process.execPath, 'no-backups')),
      isVirtual: () => true,
      recorder: null,
      operator: () => null,
    });
    const runner = BenchRunner.open({
      boards,
      jobs,
      ...writingWith(flash, jobs),
      devices: this.#slowToAnswer(devices),
      clock,
      cache,
      presets,
      klipperOn: (uid) => Promise.resolve(this.#writtenTo(uid)),
      cutOff: () => [],
      file,
      now,
    });
    const stop = new AbortController();
    const hands = this.#obey(jobs, stop.signal);
    this.#station = {
      runner,
      jobs,
      async close() {
        stop.abort();
        await hands;
        await runner[Symbol.asyncDispose]();
        await jobs[Symbol.asyncDispose]();
        boards[Symbol.dispose]();
        watch[Symbol.dispose]();
        // What is virtual is the bench's, which outlives a station.
        if (devices !== bench.devices) await devices[Symbol.asyncDispose]();
      },
    };
  }
  /** Errors without a code. */
  readonly faults: unknown[] = [];

  /** The station ends without a word: what it kept last is all that there is at the next start. */
  async crash(): Promise<void> {
    const { kept } = this.file;
    await this.#running.close();
    this.#station = null;
    this.file.kept = kept;
  }

  /** Arms a recipe for the Octopus with this chip; returns its images. */
  async arm(
    mcu: RigMcu,
    more: Partial<Omit<StationInput<'bench.arm'>, 'board' | 'images'>> = {},
    images: RecipeImages = imagesFor(mcu),
  ): Promise<RecipeImages> {
    const [bootloader, application] = [
      await this.cache.add(images.bootloader),
      await this.cache.add(images.application),
    ];
    await this.runner.arm({
      board: variants[mcu],
      images: { bootloader, application },
      modes: ['dfu'],
      target: null,
      confirmed: true,
      ...more,
    });
    return images;
  }

  /** Resolves when `isSo` is, asked after everything that happens to a slot or a job. */
  async until(isSo: () => boolean): Promise<void> {
    const stop = new AbortController();
    const follow = async (events: AsyncGenerator<unknown, void, void>): Promise<void> => {
      while ((await events.next()).done !== true) if (isSo()) stop.abort();
    };
    await Promise.all([
      follow(this.runner.followSlots(stop.signal)),
      follow(this.jobs.overview(stop.signal)),
    ]);
  }

  /** The slot on a port; a fresh one where the bench has seen nothing yet. */
  slot(place: PlaceId): SlotState {
    return this.slots.find((each) => each.place === place) ?? newSlot(place);
  }

  holds(board: Board, { bootloader, application }: RecipeImages): boolean {
    const is = (address: number, bytes: Uint8Array): boolean =>
      Buffer.compare(board.flash.read(address, bytes.length), bytes) === 0;
    return is(0x0800_0000, bootloader) && is(0x0800_8000, application);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#station?.close();
    await this.bench[Symbol.asyncDispose]();
  }

  /** The devices, of which those that the bench probes may take their time. */
  #slowToAnswer(devices: DeviceAccess): BenchServices['devices'] {
    return {
      openSerial: (place, options) => devices.openSerial(place, options),
      openUsb: async (place) => {
        const link = await devices.openUsb(place);
        const controlIn = link.controlIn.bind(link);
        link.controlIn = async (...request) => {
          await this.probesWaitFor;
          return controlIn(...request);
        };
        return link;
      },
    };
  }

  /** As the history would have it of this start of the station. */
  #writtenTo(uid: string): KnownKlipper | null {
    const report = this.jobs.all().findLast((job) => job.uid === uid && job.status === 'done')?.report;
    const written = report?.kind === 'flash-board' ? report.written.application : null;
    return written === null ? null : { version: null, sha256: written.sha256 };
  }

  get #running(): RigStation {
    if (this.#station === null) throw new Error('the station was not started');
    return this.#station;
  }

  async #obey(jobs: JobList, signal: AbortSignal): Promise<void> {
    const obeyed = new Set<string>();
    for await (const event of jobs.overview(signal)) {
      const views = event.type === 'all' ? event.items : event.type === 'item' ? [event.item] : [];
      for (const { id, ask, place, endedAt } of views) {
        if (ask === null || endedAt !== null) {
          obeyed.delete(id);
          continue;
        }
        const board = place === null ? null : this.bench.boardAt(portPathOf(place));
        if (!this.handsObey || board === null || obeyed.has(id)) continue;
        obeyed.add(id);
        if (ask === 'press-reset') board.reset();
        else if (ask === 'double-tap') board.doubleTap();
        else powerCycle(board, false);
      }
    }
  }
}

interface RigStation {
  readonly runner: BenchRunner;
  readonly jobs: JobList;
  close(): Promise<void>;
}

/** Power off, jumper on or off, power on. */
export function powerCycle(board: Board, boot0: boolean): void {
  board.setPower(false);
  board.setBoot0(boot0);
  board.setPower(true);
}

/** A different UID for each number. */
export function uidOf(number: number): string {
  return `${(0x430014 + number * 0x10001).toString(16).padStart(8, '0')}0A50534E4E313120`.toUpperCase();
}
