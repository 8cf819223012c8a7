import type { BusSettings } from '../../../app/units.ts';
import { busOf, type Settings } from '../../../app/settings/settings.ts';

/** The settings of this user, or of a data folder; the defaults if none are stored. */
export async function keptSettings(data: string | undefined): Promise<Settings> {
  const [{ SettingsStore }, { dataFolders }] = await Promise.all([
    import('../../station/settings-store.ts'),
    import('../../station/data-folders.ts'),
  ]);
  const { current } = await SettingsStore.open(dataFolders(data).data, () => undefined);
  return current;
}

/** Defaults for builds and plans for a Pi. */
export async function keptBus(data: string | undefined): Promise<BusSettings> {
  return busOf(await keptSettings(data));
}
