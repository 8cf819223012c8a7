import { homedir, release } from 'node:os';
import type { StationEvent, StationHandlers } from '../../../app/contract/station-contract.ts';
import { readLicences } from '../../licences.ts';
import { canopusVersion } from '../../version.ts';
import { CommandLine } from '../command-line/command-line.ts';
import type { HostFeatures } from '../host-features.ts';
import type { StationServices } from '../station-services.ts';
import { supportReport } from '../support-report.ts';

type ComputerHandlers = Pick<
  StationHandlers,
  Extract<
    keyof StationHandlers,
    | `settings.${string}`
    | `updates.${string}`
    | 'doctor.run'
    | 'app.about'
    | 'app.commandLine'
    | 'app.setCommandLine'
    | 'app.licences'
    | 'app.supportReport'
  >
>;

/** The entries of the contract about this installation and its computer. */
export function computerHandlers(
  services: StationServices,
  { updates, name: host }: HostFeatures,
): ComputerHandlers {
  const { settings, doctor, folders } = services;
  const { node, electron, chrome } = process.versions as Readonly<Record<string, string | undefined>>;
  const about = {
    versions: {
      canopus: canopusVersion,
      node: node ?? '',
      electron: electron ?? null,
      chromium: chrome ?? null,
    },
    system: `${process.platform} ${release()} ${process.arch}`,
    folders: { data: folders.data, cache: folders.cache, log: folders.log },
  };
  const packageFolder = Reflect.get(process, 'resourcesPath') as unknown;
  const commandLine = new CommandLine({
    platform: process.platform,
    env: process.env,
    home: homedir(),
    packageFolder: typeof packageFolder === 'string' ? packageFolder : null,
    dataFolder: folders.data,
    version: canopusVersion,
  });
  return {
    'app.commandLine': () => commandLine.view(),
    'app.setCommandLine': ({ isInstalled }) => (isInstalled ? commandLine.install() : commandLine.remove()),
    'app.about': () => about,
    'app.supportReport': async (_, { signal }) =>
      (await supportReport(services, { ...about, host, simulated: services.simulated }, signal)).slice(),
    'app.licences': async () => (await readLicences())?.slice() ?? null,
    'settings.get': () => settings.current,
    'settings.set': (change) => settings.set(change),
    'settings.watch': (_, { signal }) => settings.follow(signal),
    'doctor.run': ({ surface }, { signal }) => doctor(surface, signal),
    'updates.watch': (_, { signal }) => updates?.follow(signal) ?? noUpdates(signal),
    'updates.check': () => updates?.check(),
    'updates.install': () => updates?.install(),
  };
}

async function* noUpdates(signal: AbortSignal): AsyncGenerator<StationEvent<'updates.watch'>, void, void> {
  yield { phase: 'unavailable', version: null, percent: null, message: null, way: null };
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
