import type { StartedRun } from './writing.ts';
import type { StationServices } from './station-services.ts';
import { installAdvice } from '../../app/build/toolchain.ts';
import type { StationHandlers, StationOutput } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import type { FirmwareService } from '../firmware/firmware-service.ts';
import { chipSightOf } from '../../app/chip/fitting-boards.ts';
import { probeDfu } from '../../app/flash/dfu-facts.ts';
import { readUartStatus } from '../../app/flash/katapult-over-uart.ts';
import { readKatapultStatus } from '../../app/flash/katapult-connect.ts';
import { type PlaceId, uartAt } from '../../app/place.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { openUartAt } from '../jobs/flash-uart-at.ts';
import { openBoardSerial, openBoardUsb } from '../jobs/open-board.ts';
import { canopusVersion } from '../version.ts';
import { computerHandlers } from './handlers/computer.ts';
import { benchHandlers, recipeHandlers } from './handlers/bench.ts';
import { imageHandlers } from './handlers/images.ts';
import { canHandlers } from './handlers/can.ts';
import { cardHandlers } from './handlers/cards.ts';
import { historyHandlers } from './handlers/history.ts';
import { needingDevices } from './handlers/needing-devices.ts';
import { printerHandlers } from './handlers/printer.ts';
import { piHandlers } from './handlers/pi.ts';
import { simHandlers } from './handlers/sim.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { chosenPath } from './chosen-path.ts';
import type { HostFeatures } from './host-features.ts';

/** Binds every entry of the contract to its service. Each window has its own. */
export function stationHandlers(services: StationServices, host: HostFeatures): StationHandlers {
  const { presets, presetStore, boards, jobs, firmware, builds, writing, flows } = services;
  const handlers: StationHandlers = {
    'app.info': () => ({
      version: canopusVersion,
      host: host.name,
      platform: services.system,
      features: host.chooseFolder === null ? [] : ['choose-folder'],
      simulated: services.simulated,
    }),
    'host.events': (_, { signal }) => host.events(signal),
    'host.chooseFolder': () => {
      if (host.chooseFolder !== null) return host.chooseFolder();
      throw new CanopusError('usage/invalid', 'This host has no dialog for folders.');
    },
    'host.saveFile': async ({ name, base64 }) => {
      const path = await chosenPath(host, name);
      if (path === null) return null;
      await writeFileAtomically(path, Buffer.from(base64, 'base64'));
      return { path };
    },
    'host.show': () => {
      if (host.show !== null) return host.show();
      throw new CanopusError('usage/invalid', 'Only another start of this program is shown the station.');
    },
    'boards.watch': (_, { signal }) => boards.follow(signal),
    'boards.unreadable': (_, { signal }) => boards.unreadable(signal),
    ...benchHandlers(services.bench),
    ...recipeHandlers(services.recipes, services.bench),
    'presets.list': () => presets,
    'presets.add': ({ name, text, replace }) => presetStore.add(name, text, replace),
    'presets.remove': ({ id }) => presetStore.remove(id),
    'presets.export': ({ id }) => presetStore.export(id),
    'presets.refused': () => ({ folder: presetStore.folder, files: [...presetStore.refused] }),
    ...imageHandlers(services, host),
    'builds.start': (order) => builds.start(order),
    'builds.toolchain': ({ on }, { signal }) => toolchainOf(firmware, on, signal),
    'flash.start': async (order) => idOf(await writing.flash(order)),
    'flash.katapult': ({ place }, { signal }) =>
      writing.besideRuns(place, () => katapultAt(services.servicesAt(place), place, signal)),
    'flash.chip': ({ place }, { signal }) =>
      writing.besideRuns(place, async () => {
        await using link = await openBoardUsb(services.servicesAt(place), place);
        return chipSightOf(await probeDfu(link, signal), presets);
      }),
    'flash.search': ({ jobId }) => writing.search(jobId),
    ...canHandlers(services),
    ...cardHandlers(services),
    'backups.list': async ({ uid }) => ({
      ...(await services.backups.list(uid)),
      folder: services.backups.folder,
    }),
    'backups.inspect': async (source) => {
      const { name, bytes, record } = await services.backups.loadFrom(source);
      return { name, flashBytes: bytes.length, record };
    },
    'backups.check': (order, { signal }) => writing.checkRestore(order, signal),
    'backups.restore': async (order) => idOf(await writing.restore(order)),
    'flows.watch': (_, { signal }) => flows.follow(signal),
    'flows.start': ({ place }) => flows.start(place),
    'flows.choose': (order) => flows.choose(order),
    'flows.planPi': (order, { signal }) => flows.planPi(order, signal),
    'flows.remove': ({ id }) => flows.remove(id),
    'jobs.overview': (_, { signal }) => jobs.overview(signal),
    'jobs.get': ({ jobId }) => jobs.get(jobId),
    'jobs.watch': ({ jobId }, { after, signal }) => jobs.watch(jobId, after, signal),
    'jobs.cancel': ({ jobId }) => jobs.cancel(jobId),
    ...computerHandlers(services, host),
    ...historyHandlers({ history: services.history, cache: firmware.cache, presets }, host),
    ...piHandlers(services.pis, services.reaches, services.nearby),
    ...printerHandlers(services),
    ...simHandlers(services),
  };
  return needingDevices(handlers, services.needDevices);
}

const idOf = ({ jobId }: StartedRun): { jobId: string } => ({ jobId });

async function katapultAt(
  services: JobServices,
  place: PlaceId,
  signal: AbortSignal,
): Promise<StationOutput<'flash.katapult'>> {
  const { clock, hold } = services;
  await using _hold = await hold?.(place, { note: () => undefined, signal });
  if (uartAt(place) !== null) {
    await using uart = await openUartAt(services, place);
    return await readUartStatus(uart, { clock, signal });
  }
  await using link = await openBoardSerial(services, place);
  return await readKatapultStatus(link, { clock, signal });
}

async function toolchainOf(
  firmware: FirmwareService,
  on: string | null,
  signal: AbortSignal,
): Promise<StationOutput<'builds.toolchain'>> {
  // Windows itself has no build tools.
  const name = on ?? (process.platform === 'win32' ? 'wsl' : 'local');
  const site = await firmware.machines.get(name, signal);
  const toolchain = await firmware.builder.toolchains.of(site, signal, 'building');
  const advice = toolchain.missing.length === 0 ? null : installAdvice(toolchain);
  return { machine: site.machine.shell.label, ...toolchain, advice };
}
