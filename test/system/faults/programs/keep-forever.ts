import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { LockFolder } from '../../../../main/files/lock-folder.ts';
import { exportBundle, importBundle } from '../../../../main/firmware/cache-bundle.ts';
import { ImageCache } from '../../../../main/firmware/image-cache.ts';
import { sample } from '../../../main/firmware/sample-record.ts';
import { openKept } from './kept-things.ts';

/**
 * Changes settings and a list and imports bundles, as fast as it can, until it is killed. Prints what is on disk only
 * once it is: `settings N`, `list N`, `image KEY`. Usage: keep-forever FOLDER FIRST.
 */
const [folder = '', first = '0'] = process.argv.slice(2);
const kept = await openKept(folder);
const print = (text: string): void => void writeSync(1, `${text}\n`);

async function changeSettings(): Promise<never> {
  for (let count = Number(first); ; count += 1) {
    await kept.settings.set({ operator: String(count) });
    print(`settings ${count}`);
  }
}

async function changeList(): Promise<never> {
  for (let count = Number(first); ; count += 1) {
    await kept.list.save(Array.from({ length: 40 }, (_, index) => ({ id: `${count}-${index}` })));
    print(`list ${count}`);
  }
}

async function importBundles(): Promise<never> {
  const folderOfOthers = join(folder, `others-${first}`);
  const others = new ImageCache(
    join(folderOfOthers, 'images-1'),
    new LockFolder(join(folderOfOthers, 'locks')),
  );
  for (let count = Number(first); ; count += 1) {
    const { record, parts } = await sample(count);
    await others.put(record, parts);
    await importBundle(kept.cache, await exportBundle(others, [record.key]), 'bench.zip');
    print(`image ${record.key}`);
    if (count === Number(first)) print('keeping');
  }
}

await Promise.all([changeSettings(), changeList(), importBundles()]);
