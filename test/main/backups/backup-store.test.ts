import { mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupRecord } from '../../../app/backups/backup-record.ts';
import { BackupStore, type BackupStoreOptions, type NewBackup } from '../../../main/backups/backup-store.ts';
import { codeOfRejection } from '../../error-code.ts';

const uid = '430014000A50534E4E313120';
const flashBytes = 8192;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-backups-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const layout = { name: 'Internal Flash', segments: [], complete: true };
const flash = Uint8Array.from({ length: flashBytes }, (_, index) => index % 251);

function storeIn(options: BackupStoreOptions = {}): BackupStore {
  return new BackupStore(join(folder, 'backups'), options);
}

/** Takes a backup of `flash`, in four pieces. */
async function take(store: BackupStore, change: Partial<NewBackup> = {}, told = uid): Promise<BackupRecord> {
  const complete: BackupRecord[] = [];
  await using writer = await store.create({
    ...{ place: 'usb:1-4.2', virtual: false, dfuSerial: 'STM32FxSTM32', presetId: 'btt-octopus-v1.1' },
    ...{ variantId: 'f446', runId: 7, file: null, nowMs: () => 0 },
    ...change,
    onComplete: (record) => complete.push(record),
  });
  await writer.begin({ layout, flashBytes, uid: told === '' ? null : told });
  for (let at = 0; at < flashBytes; at += 2048) await writer.write(flash.subarray(at, at + 2048));
  expect(complete).toEqual([]);
  await writer.complete();
  const [record] = complete;
  if (record === undefined) throw new Error('the backup is not complete');
  return record;
}

describe('a backup', () => {
  it('is kept with its hash, size, date, place, chip, board and run, and is read back unaltered', async () => {
    const store = storeIn({ now: () => new Date('2026-11-26T10:15:30.250Z') });
    const record = await take(store);
    expect(record).toMatchObject({
      at: '2026-11-26T10:15:30.250Z',
      flashBytes,
      place: 'usb:1-4.2',
      uid,
      dfuSerial: 'STM32FxSTM32',
      presetId: 'btt-octopus-v1.1',
      variantId: 'f446',
      runId: 7,
      file: null,
    });
    expect(record.id).toMatch(/^20261126-101530-[0-9a-f]{4}$/);
    expect(await storeIn().list()).toEqual({ backups: [record], damaged: [] });
    const loaded = await storeIn().load(record.id);
    expect(Buffer.compare(loaded.bytes, flash)).toBe(0);
    expect(loaded.record).toEqual(record);
    expect((await readdir(store.folder)).sort()).toEqual([`${record.id}.bin`, `${record.id}.json`]);
  });

  it('gets the UID that its chip reports later', async () => {
    const store = storeIn();
    const { id } = await take(store, {}, '');
    expect((await store.get(id)).uid).toBe(null);
    await store.noteUid(id, uid);
    expect((await storeIn().get(id)).uid).toBe(uid);
    expect((await storeIn().list(uid.toLowerCase())).backups.map((each) => each.id)).toEqual([id]);
    expect((await storeIn().list('39001B000C51313339373836')).backups).toEqual([]);
  });

  it('that is not complete is none, and leaves nothing behind', async () => {
    const store = storeIn();
    {
      await using writer = await store.create({
        ...{
          place: 'usb:1-1',
          virtual: false,
          dfuSerial: null,
          presetId: null,
          variantId: null,
          runId: null,
        },
        ...{ file: null, nowMs: () => 0, onComplete: () => expect.unreachable() },
      });
      await writer.begin({ layout, flashBytes, uid: null });
      await writer.write(flash.subarray(0, 2048));
      expect(await codeOfRejection(writer.complete())).toBe('backup/damaged');
    }
    expect(await readdir(store.folder)).toEqual([]);
    expect((await store.list()).backups).toEqual([]);
  });

  it('goes into the file that a person names, which is replaced only when it is whole', async () => {
    const store = storeIn();
    const file = join(folder, 'mine.bin');
    await writeFile(file, 'before');
    const record = await take(store, { file });
    expect(record.file).toBe(file);
    expect(Buffer.compare(await readFile(file), flash)).toBe(0);
    expect((await store.load(record.id)).bytes.length).toBe(flashBytes);
    expect((await store.loadFile(file)).record?.id).toBe(record.id);
  });

  it('is found by the content of a file that was copied elsewhere', async () => {
    const store = storeIn();
    const record = await take(store);
    const copy = join(folder, 'copy.bin');
    await writeFile(copy, flash);
    expect((await store.loadFile(copy)).record?.id).toBe(record.id);
    await writeFile(copy, flash.subarray(1));
    expect(await store.loadFile(copy)).toMatchObject({ name: 'copy.bin', record: null });
  });
});

describe('a full disk', () => {
  it('is reported before the first byte', async () => {
    const store = storeIn({ freeBytes: () => Promise.resolve(flashBytes) });
    await expect(take(store)).rejects.toMatchObject({
      code: 'file/disk-full',
      details: { free: flashBytes },
    });
    expect(await readdir(store.folder)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'that fills up meanwhile is named, and nothing is kept',
    async () => {
      const file = join(folder, 'mine.bin');
      await symlink('/dev/full', `${file}.canopus-tmp`);
      const store = storeIn({ freeBytes: () => Promise.resolve(1e9) });
      expect(await codeOfRejection(take(store, { file }))).toBe('file/disk-full');
      expect(await readdir(folder)).toEqual(['backups']);
      expect((await store.list()).backups).toEqual([]);
    },
  );
});

describe('a damaged backup', () => {
  it.each([
    ['one bit is another', (bytes: Buffer) => bytes.fill((bytes[100] ?? 0) ^ 1, 100, 101)],
    ['it is cut short', (bytes: Buffer) => bytes.subarray(0, 4096)],
    ['it is empty', () => Buffer.alloc(0)],
  ])('is refused where %s', async (_, damage) => {
    const store = storeIn();
    const record = await take(store);
    const path = store.pathOf(record);
    await writeFile(path, damage(await readFile(path)));
    await expect(store.load(record.id)).rejects.toMatchObject({ code: 'backup/damaged', state: 'untouched' });
    expect(await codeOfRejection(store.loadFile(path))).toBe('backup/damaged');
  });

  it('costs no other one where its record is damaged', async () => {
    const store = storeIn();
    const [first, second] = [await take(store), await take(store)];
    const path = join(store.folder, `${first.id}.json`);
    await writeFile(path, (await readFile(path, 'utf8')).replace('1-4.2', '1-4.3'));
    expect(await store.list()).toEqual({ backups: [second], damaged: [first.id] });
    expect(await codeOfRejection(store.load(first.id))).toBe('backup/damaged');
  });

  it('is distinguished from one that never was, and from a missing file', async () => {
    const store = storeIn();
    expect(await codeOfRejection(store.load('20261126-101530-3fa2'))).toBe('backup/unknown');
    expect(await codeOfRejection(store.load('../../etc/passwd'))).toBe('backup/unknown');
    const record = await take(store);
    await rm(store.pathOf(record));
    expect(await codeOfRejection(store.load(record.id))).toBe('file/missing');
    expect(await codeOfRejection(store.loadFile(join(folder, 'none.bin')))).toBe('file/missing');
  });

  it('is not a backup if it is larger than any flash', async () => {
    const file = join(folder, 'large.bin');
    await writeFile(file, Buffer.alloc(4 * 1024 * 1024 + 1));
    expect(await codeOfRejection(storeIn().loadFile(file))).toBe('backup/damaged');
  });
});

describe('what a crash left behind', () => {
  it('is swept with the next backup, when it is old, and is never listed', async () => {
    const store = storeIn();
    const kept = await take(store);
    const old = new Date(Date.now() - 2 * 3_600_000);
    const leftovers = ['20260101-000000-aaaa.bin', '20260101-000000-bbbb.bin.canopus-tmp'];
    for (const name of leftovers) {
      await writeFile(join(store.folder, name), 'half');
      await utimes(join(store.folder, name), old, old);
    }
    await writeFile(join(store.folder, '20260101-000000-cccc.bin.canopus-tmp'), 'under way');
    expect((await store.list()).backups).toEqual([kept]);
    await take(store);
    const names = await readdir(store.folder);
    expect(names.filter((name) => leftovers.includes(name))).toEqual([]);
    expect(names).toContain('20260101-000000-cccc.bin.canopus-tmp');
  });
});
