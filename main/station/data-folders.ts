import { join } from 'node:path';
import envPaths from 'env-paths';

/** Where a station keeps its files. */
export interface DataFolders {
  /** Can be recreated: images, sources. */
  readonly cache: string;
  /** Cannot be recreated: flows, history, settings. */
  readonly data: string;
  readonly log: string;
}

/** The folders of this user where the operating system wants them, or all of them in `folder`. */
export function dataFolders(folder?: string): DataFolders {
  if (folder !== undefined) {
    return { cache: join(folder, 'cache'), data: join(folder, 'data'), log: join(folder, 'log') };
  }
  const { cache, data, log } = envPaths('canopus', { suffix: '' });
  return { cache, data, log };
}
