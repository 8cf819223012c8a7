import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonList } from '../../../../main/files/json-list.ts';
import { JsonStore } from '../../../../main/files/json-store.ts';
import { LockFolder } from '../../../../main/files/lock-folder.ts';
import { ImageCache } from '../../../../main/firmware/image-cache.ts';
import { SettingsStore } from '../../../../main/station/settings-store.ts';
import * as z from 'zod/mini';

/** What a station keeps as JSON and as images, in one folder. */
export interface KeptThings {
  readonly settings: SettingsStore;
  /** As flows, Pis and the bench are kept: a list in one file. */
  readonly list: JsonStore<readonly { readonly id: string }[]>;
  readonly cache: ImageCache;
  /** What could not be read or kept. */
  readonly reported: unknown[];
}

export async function openKept(folder: string): Promise<KeptThings> {
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true });
  const reported: unknown[] = [];
  const report = (error: unknown): void => void reported.push(error);
  const format = jsonList<{ readonly id: string }>(z.object({ id: z.string() }));
  return {
    settings: await SettingsStore.open(data, report),
    list: await JsonStore.open({ path: join(data, 'flows.json'), format, report }),
    cache: new ImageCache(join(folder, 'cache/images-1'), new LockFolder(join(folder, 'cache/locks'))),
    reported,
  };
}
