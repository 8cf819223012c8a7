import { release } from 'node:os';
import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { canopusVersion } from '../../version.ts';
import type { StationServices } from '../station-handlers.ts';

type ComputerHandlers = Pick<
  StationHandlers,
  Extract<keyof StationHandlers, `settings.${string}` | 'doctor.run' | 'app.about'>
>;

/** The entries of the contract that are about this installation and the computer it runs on. */
export function computerHandlers({ settings, doctor, folders }: StationServices): ComputerHandlers {
  const { node, electron, chrome } = process.versions as Readonly<Record<string, string | undefined>>;
  return {
    'app.about': () =>
      Promise.resolve({
        versions: {
          canopus: canopusVersion,
          node: node ?? '',
          electron: electron ?? null,
          chromium: chrome ?? null,
        },
        system: `${process.platform} ${release()} ${process.arch}`,
        folders: { data: folders.data, cache: folders.cache, log: folders.log },
      }),
    'settings.get': () => Promise.resolve(settings.current),
    'settings.set': (change) => settings.set(change),
    'settings.watch': (_, { signal }) => settings.follow(signal),
    'doctor.run': (_, { signal }) => doctor(signal),
  };
}
