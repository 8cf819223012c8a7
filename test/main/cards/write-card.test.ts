import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import type { CardDrives, Drive } from '../../../main/cards/card-drives.ts';
import { writeToCard } from '../../../main/cards/write-card.ts';
import { codeOfRejection } from '../../error-code.ts';

const bytes = Uint8Array.from({ length: 40_001 }, (_, index) => (index * 7) % 251);
const fileName = 'firmware.bin';

let folder: string;
let card: Drive;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-card-'));
  card = {
    id: '8:17 BOOT',
    path: join(folder, 'BOOT'),
    label: 'BOOT',
    fileSystem: 'vfat',
    totalBytes: 2 ** 30,
    freeBytes: 2 ** 30,
    isReadOnly: false,
    isVirtual: false,
    isRemovable: true,
    device: '/dev/sdb1',
  };
  await mkdir(card.path);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Drives whose list changes with every look; the last one stays. */
function drivesOf(...lists: readonly (readonly Drive[])[]): CardDrives & { readonly ejected: string[] } {
  let at = 0;
  const ejected: string[] = [];
  return {
    ejected,
    list: () => Promise.resolve(lists[Math.min(at++, lists.length - 1)] ?? []),
    eject: ({ device }) => {
      ejected.push(device);
      return Promise.resolve();
    },
  };
}

describe('writing to a card', () => {
  it('puts the file there under its name, whole, and nothing else', async () => {
    const written = await writeToCard(drivesOf([card]), { card: card.id, fileName, bytes });
    expect(written).toMatchObject({ path: join(card.path, fileName), isEjected: false });
    expect(await readdir(card.path)).toEqual([fileName]);
    expect(Buffer.from(bytes).equals(await readFile(written.path))).toBe(true);
  });

  it('replaces an older file', async () => {
    await writeFile(join(card.path, fileName), 'old');
    await writeToCard(drivesOf([card]), { card: card.id, fileName, bytes });
    expect(await readFile(join(card.path, fileName))).toHaveLength(bytes.length);
  });

  it('says that the card is ejected only when the system lists it no more', async () => {
    const drives = drivesOf([card], [card], []);
    const { isEjected } = await writeToCard(drives, { card: card.id, fileName, bytes });
    expect(isEjected).toBe(true);
    expect(drives.ejected).toEqual(['/dev/sdb1']);
  });

  it.each<[string, string, (good: Drive) => readonly (readonly Drive[])[]]>([
    ['that is gone', 'card/gone', () => [[]]],
    ['that is gone when it is about to write', 'card/gone', (good) => [[good], []]],
    ['that is another one now', 'card/gone', (good) => [[{ ...good, id: '8:17 OTHER' }]]],
    ['that is a fixed disk', 'card/not-removable', (good) => [[{ ...good, isRemovable: false }]]],
    ['with its lock switch on', 'card/read-only', (good) => [[{ ...good, isReadOnly: true }]]],
    ['with another file system', 'card/wrong-file-system', (good) => [[{ ...good, fileSystem: 'exfat' }]]],
    ['without room', 'card/full', (good) => [[{ ...good, freeBytes: 1000 }]]],
  ])('refuses a card %s and leaves the old file', async (_, code, lists) => {
    await writeFile(join(card.path, fileName), 'old');
    const work = writeToCard(drivesOf(...lists(card)), { card: card.id, fileName, bytes });
    expect(await codeOfRejection(work)).toBe(code);
    expect(await readdir(card.path)).toEqual([fileName]);
    expect(await readFile(join(card.path, fileName), 'utf8')).toBe('old');
  });

  it('calls a card gone that is pulled while it is written, whatever the system says of the write', async () => {
    // The folder is a file now: the system says ENOTDIR, as it says many things of a card that is gone.
    await rm(card.path, { recursive: true });
    await writeFile(card.path, '');
    const pulled = drivesOf([card], [card], []);
    const error: unknown = await writeToCard(pulled, { card: card.id, fileName, bytes }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CanopusError);
    expect(error).toMatchObject({ code: 'card/gone', state: 'untouched' });
  });

  it('says that it could not be written if the card is still there', async () => {
    await rm(card.path, { recursive: true });
    await writeFile(card.path, '');
    const work = writeToCard(drivesOf([card]), { card: card.id, fileName, bytes });
    expect(await codeOfRejection(work)).toBe('card/write-failed');
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const work = writeToCard(drivesOf([card]), {
      card: card.id,
      fileName,
      bytes,
      signal: AbortSignal.abort(),
    });
    expect(await codeOfRejection(work)).toBe('cancelled');
    expect(await readdir(card.path)).toEqual([]);
  });
});
