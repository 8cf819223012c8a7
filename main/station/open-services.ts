import { join } from 'node:path';
import type { KnownPreset } from '../../app/boards/preset-schema.ts';
import { piOf, type PlaceId } from '../../app/place.ts';
import type { InternalLog } from '../../app/contract/crossable-error.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { NearbyPi } from '../../app/pi/nearby.ts';
import type { VirtualPiView } from '../../app/contract/station-contract.ts';
import { hostDrives } from '../cards/host-drives.ts';
import { virtualDrives } from '../cards/virtual-drives.ts';
import { BackupStore } from '../backups/backup-store.ts';
import { CandidateBuilds } from '../firmware/candidate-builds.ts';
import { FirmwareService } from '../firmware/firmware-service.ts';
import { nodesBehind, type RecordedNode } from '../history/nodes-behind.ts';
import { recordedBoard, type ReadRecord } from '../history/recorded-board.ts';
import { recordedUuidSource } from '../history/recorded-uuid.ts';
import { openHistoryIfPossible, type HistoryAccess } from '../history/history-access.ts';
import { DeviceWatch } from '../jobs/device-watch.ts';
import type { CrystalImages } from '../jobs/crystal-images.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { JobList } from '../jobs/job-list.ts';
import { SessionSecrets, type SecretStore } from '../pi/secret-store.ts';
import { forgetHostKeys } from '../shell/ssh/own-known-hosts.ts';
import { defaultSshAccess, noQuestions, type SshQuestions } from '../shell/ssh/ssh-access.ts';
import { PresetStore } from '../preset-store.ts';
import type { Station } from '../station.ts';
import { openBenchFile } from './bench/bench-file.ts';
import { BenchRunner, type BenchServices } from './bench/bench-runner.ts';
import { SavedRecipes } from './bench/saved-recipes.ts';
import { cutOffRuns, klipperOn } from './bench/bench-history.ts';
import { BuildJobs } from './build-jobs.ts';
import { CardWriting } from './card-writing.ts';
import { Claims } from './claims.ts';
import type { DataFolders } from './data-folders.ts';
import { FlashJobs } from './flash-jobs.ts';
import { FlowRunner } from './flow-runner.ts';
import { runHostDoctor } from './host-doctor.ts';
import { StationImages } from './station-images.ts';
import { LiveBoards } from './live-boards.ts';
import { MixedDevices } from './mixed-devices.ts';
import { crystalSupply, type SupplyOrder } from './rescue/crystal-supply.ts';
import { RestoreJobs } from './restore-jobs.ts';
import { SettingsStore } from './settings-store.ts';
import { StationPis, type PiAddress } from './pi/station-pis.ts';
import { PiReaches } from './pi/pi-reaches.ts';
import { virtualPiView } from './pi/pi-views.ts';
import type { BenchPi } from './pi/bench-pi.ts';
import { VirtualBoards } from './virtual-boards.ts';
import { Writing } from './writing.ts';
import { PrinterUpdates } from './printer/printer-updates.ts';
import { UpdateImages } from './printer/update-images.ts';
import { UpdateStore } from './printer/update-store.ts';
import type { StationServices } from './station-services.ts';

export interface ServicesOptions {
  readonly station: Station;
  readonly folders: DataFolders;
  readonly log: InternalLog;
  /** The host's key store; without one, secrets last as long as the services. */
  readonly secrets?: SecretStore | undefined;
  /** Clears away what killed stations left in the cache; a command does not live long enough. */
  readonly tidies: boolean;
}

/** Opens everything that serves the windows of a station. Closing it ends running work, then releases everything. */
export async function openServices(options: ServicesOptions): Promise<StationServices & AsyncDisposable> {
  const { folders, log } = options;
  const base = await openBase(options);
  const { station, jobs, presets, settings, history, devices, sim, secrets } = base;
  const pis = await openPis(base, (key) => firmware.cache.readRecord(key));
  const firmware = openFirmware(base, pis.pis, options.tidies);
  const candidates = new CandidateBuilds(firmware, (error) => log(error, 'candidates'));
  const watch = new DeviceWatch(station.clock);
  const boards = new LiveBoards();
  const needDevices = started(async () => {
    await watch.start(devices);
    await boards.start(devices);
  });
  const backups = new BackupStore(join(folders.data, 'backups'));
  const here: JobServices = { devices, clock: station.clock, watch };
  const reaches = new PiReaches({ boards, clock: station.clock, jobs, link: (id) => pis.pis.link(id) });
  const servicesAt = (place: PlaceId): JobServices =>
    piOf(place) === null ? here : reaches.servicesAt(place);
  const starting = startWriting(base, { servicesAt, backups, firmware });
  const images = new StationImages(firmware);
  const drives =
    station.bench === null ? hostDrives() : virtualDrives(virtualCardOf(folders), () => !sim.isCardInBoard);
  const cards = new CardWriting({ drives, presets, cache: firmware.cache, images, clock: station.clock });
  const flows = await openFlows(base, { ...starting, boards, pis: pis.pis, cards });
  const boardsHere = {
    all: () => boards.allHere(),
    follow: (signal: AbortSignal) => boards.followHere(signal),
  };
  const bench = await openBench(base, { ...starting, boards: boardsHere, firmware });
  const recipes = await SavedRecipes.open(join(folders.data, 'recipes.json'), {
    ...{ presets, cache: firmware.cache, now: () => new Date() },
    report: (error) => log(error, 'recipes'),
  });
  const builds = new BuildJobs({
    ...{ firmware, jobs, presets, candidates },
    usualBitrateBps: () => settings.current.defaultBitrateBps,
  });
  const printers = new PrinterUpdates({
    ...{ pis: pis.pis, reaches, jobs, writing: starting.writing, cache: firmware.cache, history },
    images: new UpdateImages({ images, builds, jobs, cache: firmware.cache, presets }),
    store: await UpdateStore.open(join(folders.data, 'printer-updates.json'), (error) =>
      log(error, 'printers'),
    ),
    clock: station.clock,
  });
  return {
    ...{
      presets,
      presetStore: base.presetStore,
      jobs,
      firmware,
      boards,
      backups,
      flows,
      bench,
      recipes,
      settings,
      folders,
      sim,
      history,
      ...pis,
    },
    system: station.system,
    nearby: (signal) => nearbyPis(station, signal),
    devices: here,
    ...{ servicesAt, reaches },
    needDevices,
    ...{ images, builds, printers },
    writing: starting.writing,
    cards,
    doctor: (surface, signal) =>
      runHostDoctor(
        {
          folders,
          boards: () => boards.all(),
          readsDeviceTree: () => devices.readsDeviceTree(),
          platform: station.system,
          toolchain: (stop) => firmware.builder.toolchains.of(firmware.machines.local(), stop, 'building'),
          // The storage of passwords is checked only for a window.
          secrets: surface === 'window' ? secrets.keeps : null,
          surface,
        },
        signal,
      ),
    simulated: station.bench !== null,
    // The flows and the bench first, so that they keep their state and do not see the work end.
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await flows[Symbol.asyncDispose]();
      await jobs[Symbol.asyncDispose]();
      await reaches[Symbol.asyncDispose]();
      await pis.pis[Symbol.asyncDispose]();
      pis.virtualPi()?.[Symbol.dispose]();
      boards[Symbol.dispose]();
      watch[Symbol.dispose]();
      await candidates[Symbol.asyncDispose]();
      await firmware[Symbol.asyncDispose]();
      history[Symbol.dispose]();
    },
  };
}

/** On a virtual bench nothing is sent to the network: only the virtual Pi is there. */
async function* nearbyPis(
  { bench, clock }: Station,
  signal: AbortSignal,
): AsyncGenerator<TableEvent<NearbyPi>, void, void> {
  if (bench === null) {
    const { searchNearby } = await import('../pi/nearby-search.ts');
    yield* searchNearby({ clock }, signal);
    return;
  }
  const virtual = new LiveTable<NearbyPi>();
  const { host } = virtualPiView;
  virtual.set({ id: host, host, address: null, hasMoonraker: true, printers: [] });
  yield* virtual.follow(signal);
}

/** Does something once, whenever it is first asked for; again only after it failed. */
function started(start: () => Promise<void>): () => Promise<void> {
  let starting: Promise<void> | null = null;
  return () =>
    (starting ??= start().catch((error: unknown) => {
      starting = null;
      throw error;
    }));
}

/** What needs no other service. */
interface Base extends Pick<ServicesOptions, 'station' | 'folders' | 'log'> {
  readonly devices: MixedDevices;
  readonly sim: VirtualBoards;
  readonly presets: readonly KnownPreset[];
  readonly presetStore: PresetStore;
  readonly settings: SettingsStore;
  readonly jobs: JobList;
  readonly secrets: SecretStore;
  readonly history: HistoryAccess;
}

async function openBase({ station, folders, log, secrets }: ServicesOptions): Promise<Base> {
  const { clock, bench } = station;
  const store = await PresetStore.open(folders.data);
  const card = virtualCardOf(folders);
  const devices = new MixedDevices(station.devices);
  return {
    ...{ station, folders, log, devices },
    sim: bench === null ? VirtualBoards.beside(devices, clock, card) : VirtualBoards.of(bench, card),
    presets: store.all,
    presetStore: store,
    settings: await SettingsStore.open(folders.data, (error) => log(error, 'settings')),
    jobs: new JobList(log),
    secrets: secrets ?? new SessionSecrets(),
    history: await openHistoryIfPossible({ folder: folders.data, clock }, (error) => log(error, 'history')),
  };
}

const virtualCardOf = ({ data }: DataFolders): string => join(data, 'virtual-card');

/** The Pis that were saved, and the virtual one once there is a virtual bench. */
async function openPis(
  base: Base,
  readRecord: ReadRecord,
): Promise<Pick<StationServices, 'pis' | 'virtualPi' | 'virtualPis'>> {
  const { station, folders, log, jobs, secrets, sim, history } = base;
  const { clock } = station;
  const accessTo = ({ keyFiles }: PiAddress, questions: SshQuestions) =>
    defaultSshAccess(folders.data, questions, keyFiles);
  const pis = await StationPis.open({
    ...{ jobs, secrets, file: join(folders.data, 'pis.json') },
    openPi: async (address, questions, signal) => {
      const { openPi } = await import('../pi/open-pi.ts');
      const { moonrakerKey: askMoonrakerKey } = questions;
      return openPi(address, accessTo(address, questions), { clock, signal, askMoonrakerKey });
    },
    openShell: async (address, questions, signal) => {
      const { openSshShell } = await import('../pi/open-pi.ts');
      return openSshShell(address, accessTo(address, questions), { signal });
    },
    forgetKey: (target) => forgetHostKeys(target, defaultSshAccess(folders.data, noQuestions)),
    isVirtualUuid: (canbusUuid) => sim.isVirtualUuid(canbusUuid),
    uuidSourceOf: (canbusUuid) => recordedUuidSource(history, canbusUuid),
    findRecord: (canbusUuid) => recordedBoard(history, readRecord, canbusUuid),
    onUnsaved: (error) => log(error, 'pis'),
  });
  const virtualPi: { current: BenchPi | null } = { current: null };
  const virtualPis = new LiveTable<VirtualPiView>();
  await sim.onBench(async (made) => {
    const { BenchPi } = await import('./pi/bench-pi.ts');
    const benchPi = (virtualPi.current = new BenchPi(made, (view) => virtualPis.set(view)));
    pis.addVirtual((questions) => benchPi.open(questions));
  });
  return { pis, virtualPi: () => virtualPi.current, virtualPis };
}

function openFirmware({ folders, log, history }: Base, pis: StationPis, tidies: boolean): FirmwareService {
  const firmware = new FirmwareService({
    cacheFolder: join(folders.cache, 'firmware'),
    openPi: (host, signal) => pis.openShell(host, signal),
    heldImages: () => history.heldImages(),
  });
  // Not awaited: it may take a while, and the windows do not depend on it.
  if (tidies) void firmware.tidy((error) => log(error, 'firmware'));
  return firmware;
}

interface ToWrite {
  readonly servicesAt: StationServices['servicesAt'];
  readonly backups: BackupStore;
  readonly firmware: FirmwareService;
}

/** How runs are started, and the table of who has which place. */
interface Starting {
  readonly writing: Writing;
  readonly claims: Claims;
}

function startWriting(base: Base, { servicesAt, backups, firmware }: ToWrite): Starting {
  const { jobs, presets, sim, history, settings } = base;
  const common = {
    ...{ jobs, backups, servicesAt },
    isVirtual: (place: PlaceId) => sim.isVirtual(place),
    recorder: history.recorder,
    unrecorded: history.trouble?.message ?? null,
    operator: () => settings.current.operator || null,
  };
  const crystals = (order: SupplyOrder): Promise<CrystalImages> => crystalSupply(firmware, order);
  const bitrateOf = async (canbusUuid: string): Promise<number | null> => {
    const record = await recordedBoard(history, (key) => firmware.cache.readRecord(key), canbusUuid);
    return record?.bitrateBps ?? null;
  };
  const behind = (bridge: PlaceId): Promise<readonly RecordedNode[]> =>
    nodesBehind(history, (key) => firmware.cache.readRecord(key), {
      bridge,
      isVirtual: sim.isVirtual(bridge),
    });
  const more = { crystals, bitrateOf, nodesBehind: behind };
  const flash = new FlashJobs({ ...common, cache: firmware.cache, presets, ...more });
  const claims = new Claims(jobs);
  return { claims, writing: new Writing({ flash, restores: new RestoreJobs(common), jobs, claims }) };
}

function openFlows(
  { jobs, presets, sim, folders, log }: Base,
  more: Starting & Pick<StationServices, 'boards' | 'pis' | 'cards'>,
): Promise<FlowRunner> {
  return FlowRunner.open({
    ...{ jobs, presets, ...more, folder: folders.data },
    isVirtual: (place) => sim.isVirtual(place),
    now: () => new Date(),
    onUnsaved: (error) => log(error, 'flows'),
  });
}

async function openBench(
  { station, jobs, presets, devices, history, folders, log }: Base,
  { firmware, ...more }: Starting & Pick<BenchServices, 'boards'> & Pick<StationServices, 'firmware'>,
): Promise<BenchRunner> {
  return BenchRunner.open({
    ...{ jobs, presets, devices, clock: station.clock, cache: firmware.cache, ...more },
    klipperOn: (uid) => Promise.resolve(klipperOn(history, uid)),
    cutOff: () => cutOffRuns(history),
    file: await openBenchFile(join(folders.data, 'bench.json'), (error) => log(error, 'bench')),
    now: () => new Date(),
  });
}
