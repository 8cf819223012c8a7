import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupStore } from '../../../../main/backups/backup-store.ts';
import { toCanopusError } from '../../../../app/errors.ts';
import { writeFileAtomically } from '../../../../main/files/atomic-file.ts';
import { LockFolder } from '../../../../main/files/lock-folder.ts';
import { exportBundle, importBundle } from '../../../../main/firmware/cache-bundle.ts';
import { verifyCache } from '../../../../main/firmware/cache-upkeep.ts';
import { ImageCache } from '../../../../main/firmware/image-cache.ts';
import { History } from '../../../../main/history/history.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { sample } from '../../../main/firmware/sample-record.ts';
import { samplePlan } from '../../../main/history/history-bench.ts';
import { openKept } from './kept-things.ts';

/**
 * On a disk of its own, `keep` keeps something of each kind, `try` tries to keep more while the disk takes nothing, and
 * `look` says what is there when it does again. Usage: no-room OTHER DISK keep|try|look.
 */
const [other = '', disk = '', way = 'keep'] = process.argv.slice(2);
const data = join(disk, 'data');
const uid = '430014000A50534E4E313120';
const first = await sample(1);
const second = await sample(2);
const others = new ImageCache(join(other, 'images-1'), new LockFolder(join(other, 'locks')));
await others.put(second.record, second.parts);
const bundle = await exportBundle(others, null);

const kept = await openKept(disk);
if (way === 'keep') {
  await kept.settings.set({ operator: 'Ada' });
  await kept.list.save([{ id: 'first' }]);
  await kept.cache.put(first.record, first.parts);
  using history = await History.open({ folder: data, clock: systemClock });
  history.recorder.begin(await samplePlan()).done({ uid });
  process.exit();
}

/** What each attempt ended with: a code and its sentence, or `done`. */
const attempts: Record<string, readonly [string, string]> = {};
async function attempt(what: string, work: () => unknown): Promise<void> {
  try {
    await work();
    attempts[what] = ['done', ''];
  } catch (error) {
    const { code, message } = toCanopusError(error);
    attempts[what] = [code, message];
  }
}

if (way === 'try') {
  await attempt('settings', () => kept.settings.set({ operator: 'Eve' }));
  await attempt('list', () => kept.list.save([{ id: 'second' }]));
  await attempt('import', () => importBundle(kept.cache, bundle, 'bench.zip'));
  await attempt('file', () => writeFileAtomically(join(disk, 'page.html'), new Uint8Array(100_000)));
  await attempt('backup', async () => {
    const store = new BackupStore(join(data, 'backups'));
    await using writer = await store.create({
      ...{ place: 'usb:1-4', virtual: false, dfuSerial: null, presetId: null, variantId: null, runId: null },
      ...{ file: null, nowMs: () => 0, onComplete: () => undefined },
    });
    const layout = { name: 'Internal Flash', segments: [], complete: true };
    await writer.begin({ layout, flashBytes: 1_048_576, uid: null });
    await writer.write(new Uint8Array(1_048_576));
    await writer.complete();
  });
  await attempt('history', async () => {
    using history = await History.open({ folder: data, clock: systemClock });
    history.recorder.begin(await samplePlan());
  });
  const result = { attempts, shown: kept.settings.current.operator };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit();
}

using history = await History.open({ folder: data, clock: systemClock });
const before = {
  operator: kept.settings.current.operator,
  list: kept.list.current,
  images: await kept.cache.keys(),
  damaged: (await verifyCache(kept.cache)).damaged,
  runs: history.page({}, 10).runs.map(({ status }) => status),
  unread: kept.reported.map(String),
};
await kept.settings.set({ operator: 'Eve' });
const { added } = await importBundle(kept.cache, bundle, 'bench.zip');
history.recorder.begin(await samplePlan()).done({ uid });
const names = await readdir(disk, { recursive: true });
const result = {
  ...{ before, imported: added.length, runsAfter: history.page({}, 10).runs.length },
  leftovers: names.filter((name) => name.includes('canopus-tmp') || name.endsWith('.bin')),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
