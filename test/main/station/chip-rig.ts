import { portPathOf, usbPlace } from '../../../app/place.ts';
import type { ByPart } from '../../../app/image/image-parts.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPreset, type PresetChoice } from '../../../app/boards/preset.ts';
import { ContractClient } from '../../../app/contract/client.ts';
import { memoryLinkPair } from '../../../app/contract/memory-link.ts';
import { serveContract } from '../../../app/contract/server.ts';
import { stationContract, type StationClient } from '../../../app/contract/station-contract.ts';
import type { FlowState } from '../../../app/flow/flow-state.ts';
import { expectationOf, type BoardExpectation } from '../../../app/image/board-expectation.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { usualRole } from '../../../app/boards/board-role.ts';
import { isMcuName, mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import { BackupStore } from '../../../main/backups/backup-store.ts';
import type { LoadedImage } from '../../../main/jobs/board-images.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import type { JobServices } from '../../../main/jobs/job-services.ts';
import { loadPresets } from '../../../main/presets.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { BenchRunner } from '../../../main/station/bench/bench-runner.ts';
import { FlashJobs } from '../../../main/station/flash-jobs.ts';
import { FlowRunner, type FlowPis } from '../../../main/station/flow-runner.ts';
import { LiveBoards } from '../../../main/station/live-boards.ts';
import { quietHandlers } from '../../renderer/quiet-handlers.ts';
import { benchInMemory, ImagesInMemory } from './bench-rig.ts';
import { Seen } from './pis-fixture.ts';
import { noCards, writingWith } from './writing-rig.ts';

const presets = await loadPresets();

/** One variant of a preset, with small images for it. */
export interface Chosen {
  readonly reference: string;
  readonly presetId: string;
  readonly variantId: string;
  readonly mcu: McuName;
  readonly markings: readonly string[];
  /** As its preset states it. */
  readonly flashKiB: number | null;
  /** It becomes a node: only Katapult is written to it over USB. */
  readonly isNode: boolean;
  readonly crystalHz: number;
  readonly pins: readonly [string, string];
  readonly board: BoardExpectation;
  readonly katapult: LoadedImage;
  readonly klipper: LoadedImage;
}

/** Every variant of every preset whose chip's ROM writes flash by DFU. */
export async function allVariants(): Promise<readonly Chosen[]> {
  const references = presets.flatMap(({ id, variants }) =>
    variants.filter(({ mcu }) => mcuFacts[mcu.value].romDfu !== null).map((variant) => `${id}:${variant.id}`),
  );
  return Promise.all(references.map((reference) => chosen(findPreset(presets, reference), reference)));
}

async function chosen(choice: PresetChoice, reference: string): Promise<Chosen> {
  const { preset, variants } = choice;
  const [variant] = variants;
  if (variant === undefined || !isMcuName(variant.mcu.value)) throw new Error(reference);
  const mcu = variant.mcu.value;
  const crystalHz = variant.crystalHz.value;
  const pins = preset.canPins.value ?? preset.canPinChoices?.value[0] ?? ['PD0', 'PD1'];
  const loaded = async (name: string, bytes: Uint8Array): Promise<LoadedImage> => ({
    name,
    bytes,
    info: await inspectImage(bytes),
  });
  const isNode = usualRole(preset) === 'node';
  const board = expectationOf(choice);
  return {
    ...{ reference, mcu, crystalHz, pins, presetId: preset.id, variantId: variant.id, isNode },
    markings: variant.markings.value,
    flashKiB: variant.flashKiB.value,
    // The sample of Katapult talks over USB, which a node's must not.
    board: isNode ? { ...board, role: 'usb' } : board,
    katapult: await loaded('katapult.bin', makeKatapultImage({ mcu, crystalHz, size: 2_048 })),
    klipper: await loaded('klipper.bin', makeKlipperImage({ mcu, crystalHz, pins, size: 4_096 })),
  };
}

/** A station with flows and a bench on virtual boards, with hands that do at once what a job asks for. */
export class ChipRig implements AsyncDisposable {
  readonly bench: VirtualBench;
  readonly services: JobServices;
  readonly jobs: JobList;
  readonly flows: FlowRunner;
  readonly flowStates: Seen<FlowState>;
  readonly runner: BenchRunner;
  readonly client: StationClient;
  readonly #cache: ImagesInMemory;
  readonly #closing: (() => Promise<void> | void)[];

  private constructor(
    parts: Omit<ChipRig, 'keysOf' | 'benchIsOver' | typeof Symbol.asyncDispose>,
    cache: ImagesInMemory,
    closing: (() => Promise<void> | void)[],
  ) {
    this.bench = parts.bench;
    this.services = parts.services;
    this.jobs = parts.jobs;
    this.flows = parts.flows;
    this.flowStates = parts.flowStates;
    this.runner = parts.runner;
    this.client = parts.client;
    this.#cache = cache;
    this.#closing = closing;
  }

  static async open(boards: readonly BoardInput[], pis: FlowPis): Promise<ChipRig> {
    const clock = new VirtualClock();
    const bench = new VirtualBench({ boards: [...boards] }, { clock });
    const { devices } = bench;
    const watch = await DeviceWatch.open(devices, clock);
    const live = await LiveBoards.open(devices);
    for (const { port } of bench.boards)
      await watch.waitFor((now) => now.at(usbPlace(port)), { timeoutMs: 10_000 });
    const now = (): Date => new Date(Date.UTC(2026, 0, 1) + clock.nowMs());
    const jobs = new JobList((error) => String(error), now);
    const cache = new ImagesInMemory();
    const services = { devices, clock, watch };
    const folder = await mkdtemp(join(tmpdir(), 'canopus-chip-'));
    const flash = new FlashJobs({
      ...{ servicesAt: () => services, jobs, cache, presets, backups: new BackupStore(folder) },
      crystals: (order) => cache.crystals(order),
      ...{ isVirtual: () => true, recorder: null, operator: () => null },
    });
    const writing = writingWith(flash, jobs);
    const onUnsaved = (error: unknown): never => {
      throw error;
    };
    const flows = await FlowRunner.open({
      ...{ boards: live, jobs, ...writing, presets, pis, folder, now, onUnsaved, cards: noCards },
      isVirtual: () => true,
    });
    const runner = BenchRunner.open({
      ...{ boards: live, jobs, ...writing, devices, clock, cache, presets, now, file: benchInMemory() },
      ...{ klipperOn: () => Promise.resolve(null), cutOff: () => [] },
    });
    const stop = new AbortController();
    const hands = obey(bench, jobs, stop.signal);
    const [near, far] = memoryLinkPair();
    const served = serveContract(
      stationContract,
      quietHandlers({
        'flows.start': ({ place }) => Promise.resolve(flows.start(place)),
        'flows.choose': async (choice) => {
          flows.choose(choice);
          return Promise.resolve(null);
        },
      }),
      far,
      { clock, onInternalError: (error) => String(error) },
    );
    const client = new ContractClient(stationContract, {
      connect: () => Promise.resolve(near),
      clock,
      retryDelaysMs: [],
    });
    const flowStates = new Seen(flows.follow(stop.signal));
    return new ChipRig({ bench, services, jobs, flows, flowStates, runner, client }, cache, [
      () => client.close(),
      () => served.close('over'),
      () => stop.abort(),
      () => hands,
      () => runner[Symbol.asyncDispose](),
      () => flows[Symbol.asyncDispose](),
      () => jobs[Symbol.asyncDispose](),
      () => live[Symbol.dispose](),
      () => watch[Symbol.dispose](),
      () => bench[Symbol.asyncDispose](),
      () => rm(folder, { recursive: true, force: true }),
    ]);
  }

  async keysOf({ katapult, klipper }: Chosen): Promise<ByPart<string>> {
    const bootloader = await this.#cache.add(katapult.bytes);
    return { bootloader, application: await this.#cache.add(klipper.bytes) };
  }

  /** Resolves when the bench does nothing any more with any of its slots. */
  async benchIsOver(slots: number): Promise<void> {
    const isOver = (): boolean => {
      const ended = this.runner.state.slots.filter(({ stage }) =>
        ['done', 'failed', 'refused'].includes(stage),
      );
      return ended.length === slots;
    };
    if (isOver()) return;
    const stop = new AbortController();
    const events = this.runner.followSlots(stop.signal);
    while ((await events.next()).done !== true) if (isOver()) stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing) await close();
  }
}

/** Takes jumpers off and presses reset as soon as a job asks for it. */
async function obey(bench: VirtualBench, jobs: JobList, signal: AbortSignal): Promise<void> {
  const obeyed = new Set<string>();
  for await (const event of jobs.overview(signal)) {
    const views = event.type === 'all' ? event.items : event.type === 'item' ? [event.item] : [];
    for (const { id, ask, place, endedAt } of views) {
      if (ask === null || endedAt !== null) {
        obeyed.delete(id);
        continue;
      }
      const board = place === null ? null : bench.boardAt(portPathOf(place));
      if (board === null || obeyed.has(id)) continue;
      obeyed.add(id);
      if (ask === 'press-reset') board.reset();
      else {
        board.setPower(false);
        board.setBoot0(false);
        board.setPower(true);
      }
    }
  }
}
