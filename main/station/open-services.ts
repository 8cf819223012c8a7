import { join } from 'node:path';
import type { InternalLog } from '../../app/contract/crossable-error.ts';
import { LiveTable } from '../../app/contract/live-table.ts';
import type { VirtualPiView } from '../../app/contract/station-contract.ts';
import { BackupStore } from '../backups/backup-store.ts';
import { CandidateBuilds } from '../firmware/candidate-builds.ts';
import { FirmwareService } from '../firmware/firmware-service.ts';
import { recordedUuidSource } from '../history/recorded-uuid.ts';
import { openHistoryIfPossible } from '../history/history-access.ts';
import { DeviceWatch } from '../jobs/device-watch.ts';
import { JobList } from '../jobs/job-list.ts';
import { openPi, openSshShell } from '../pi/open-pi.ts';
import { SessionSecrets, type SecretStore } from '../pi/secret-store.ts';
import { forgetHostKeys } from '../shell/ssh/own-known-hosts.ts';
import { defaultSshAccess, noQuestions, type SshQuestions } from '../shell/ssh/ssh-access.ts';
import { loadPresets } from '../presets.ts';
import type { Station } from '../station.ts';
import { openBenchFile } from './bench/bench-file.ts';
import { BenchRunner } from './bench/bench-runner.ts';
import { cutOffRuns, klipperOn } from './bench/bench-history.ts';
import { BuildJobs } from './build-jobs.ts';
import { Claims } from './claims.ts';
import type { DataFolders } from './data-folders.ts';
import { FlashJobs } from './flash-jobs.ts';
import { FlowRunner } from './flow-runner.ts';
import { runHostDoctor } from './host-doctor.ts';
import { ImageShelf } from './image-shelf.ts';
import { LiveBoards } from './live-boards.ts';
import { MixedDevices } from './mixed-devices.ts';
import { crystalSupply } from './rescue/crystal-supply.ts';
import { RestoreJobs } from './restore-jobs.ts';
import { SettingsStore } from './settings-store.ts';
import { PiDesk, type PiAddress } from './pi/pi-desk.ts';
import { VirtualPiDesk } from './pi/virtual-pi-desk.ts';
import { VirtualCorner } from './virtual-corner.ts';
import { Writing } from './writing.ts';
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
  const { station, folders, log } = options;
  const { clock, bench } = station;
  const devices = new MixedDevices(station.devices);
  const sim = bench === null ? VirtualCorner.beside(devices, clock) : VirtualCorner.of(bench);
  const presets = await loadPresets();
  const settings = await SettingsStore.open(folders.data, (error) => log(error, 'settings'));
  const jobs = new JobList(log);
  const accessTo = ({ keyFiles }: PiAddress, questions: SshQuestions) =>
    defaultSshAccess(folders.data, questions, keyFiles);
  const secrets = options.secrets ?? new SessionSecrets();
  const history = await openHistoryIfPossible({ folder: folders.data, clock }, (error) =>
    log(error, 'history'),
  );
  const pis = await PiDesk.open({
    jobs,
    secrets,
    file: join(folders.data, 'pis.json'),
    openPi: (address, questions, signal) => {
      const { moonrakerKey: askMoonrakerKey } = questions;
      return openPi(address, accessTo(address, questions), { clock, signal, askMoonrakerKey });
    },
    openShell: (address, questions, signal) =>
      openSshShell(address, accessTo(address, questions), { signal }),
    forgetKey: (target) => forgetHostKeys(target, defaultSshAccess(folders.data, noQuestions)),
    isVirtualUuid: (canbusUuid) => sim.isVirtualUuid(canbusUuid),
    uuidSourceOf: (canbusUuid) => recordedUuidSource(history, canbusUuid),
    onUnsaved: (error) => log(error, 'pis'),
  });
  const virtualPi: { current: VirtualPiDesk | null } = { current: null };
  const virtualPis = new LiveTable<VirtualPiView>();
  sim.onBench((made) => {
    const desk = (virtualPi.current = new VirtualPiDesk(made, (view) => virtualPis.set(view)));
    pis.addVirtual((questions) => desk.open(questions));
  });
  const firmware = new FirmwareService({
    cacheFolder: join(folders.cache, 'firmware'),
    openPi: (host, signal) => pis.openShell(host, signal),
    heldImages: () => history.heldImages(),
  });
  // Not awaited: it may take a while, and the windows do not depend on it.
  if (options.tidies) void firmware.tidy((error) => log(error, 'firmware'));
  const watch = await DeviceWatch.open(devices, clock);
  const boards = await LiveBoards.open(devices);
  const backups = new BackupStore(join(folders.data, 'backups'));
  const flash = new FlashJobs({
    backups,
    services: { devices, clock, watch },
    jobs,
    cache: firmware.cache,
    presets,
    isVirtual: (place) => sim.isVirtual(place),
    recorder: history.recorder,
    crystals: (order) => crystalSupply(firmware, order),
    operator: () => settings.current.operator || null,
  });
  const restores = new RestoreJobs({
    services: { devices, clock, watch },
    jobs,
    backups,
    isVirtual: (place) => sim.isVirtual(place),
    recorder: history.recorder,
    operator: () => settings.current.operator || null,
  });
  const claims = new Claims(jobs);
  const writing = new Writing({ flash, restores, jobs, claims });
  const candidates = new CandidateBuilds(firmware, (error) => log(error, 'candidates'));
  const flows = await FlowRunner.open({
    boards,
    jobs,
    writing,
    claims,
    presets,
    pis,
    isVirtual: (place) => sim.isVirtual(place),
    folder: folders.data,
    now: () => new Date(),
    onUnsaved: (error) => log(error, 'flows'),
  });
  const benchRunner = BenchRunner.open({
    boards,
    jobs,
    writing,
    claims,
    devices,
    clock,
    cache: firmware.cache,
    presets,
    klipperOn: (uid) => Promise.resolve(klipperOn(history, uid)),
    cutOff: () => cutOffRuns(history),
    file: await openBenchFile(join(folders.data, 'bench.json'), (error) => log(error, 'bench')),
    now: () => new Date(),
  });
  return {
    presets,
    system: station.system,
    boards,
    jobs,
    firmware,
    images: new ImageShelf(firmware),
    builds: new BuildJobs({
      ...{ firmware, jobs, presets, candidates },
      usualBitrateBps: () => settings.current.defaultBitrateBps,
    }),
    writing,
    backups,
    flows,
    bench: benchRunner,
    settings,
    folders,
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
    pis,
    sim,
    history,
    virtualPi: () => virtualPi.current,
    virtualPis,
    simulated: bench !== null,
    // The flows and the bench first, so that they keep their state and do not see the work end.
    async [Symbol.asyncDispose]() {
      await benchRunner[Symbol.asyncDispose]();
      await flows[Symbol.asyncDispose]();
      await jobs[Symbol.asyncDispose]();
      await pis[Symbol.asyncDispose]();
      virtualPi.current?.[Symbol.dispose]();
      boards[Symbol.dispose]();
      watch[Symbol.dispose]();
      await candidates[Symbol.asyncDispose]();
      await firmware[Symbol.asyncDispose]();
      history[Symbol.dispose]();
    },
  };
}
