import type { BusSettings } from '../../../app/units.ts';
import { busOf, type Settings } from '../../../app/settings/settings.ts';

/** What this user, or a data folder, has chosen in the settings; the defaults where nothing is kept. */
export async function keptSettings(data: string | undefined): Promise<Settings> {
  const [{ SettingsStore }, { dataFolders }] = await Promise.all([
    import('../../station/settings-store.ts'),
    import('../../station/data-folders.ts'),
  ]);
  const { current } = await SettingsStore.open(dataFolders(data).data, () => undefined);
  return current;
}

/** What builds and plans for a Pi start from. */
export async function keptBus(data: string | undefined): Promise<BusSettings> {
  return busOf(await keptSettings(data));
}
