import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CardDrives } from '../../main/cards/card-drives.ts';
import { hostDrives } from '../../main/cards/host-drives.ts';
import { writeToCard } from '../../main/cards/write-card.ts';
import { codeOfRejection } from '../error-code.ts';

const fileName = 'firmware.bin';
const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 11) % 253);

/** This computer's own list of mounts; only what sysfs says of the disk below is made here. */
describe.skipIf(process.getuid?.() !== 0)('a mounted file system as a card', () => {
  let folder: string;
  let drives: CardDrives;
  const card = (): string => join(folder, 'card');
  const mount = (...args: string[]): void => void execFileSync('mount', args);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'canopus-mounted-'));
    await mkdir(card());
  });
  afterEach(() => void spawnSync('umount', ['-l', card()], { stdio: 'ignore' }));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Mounts memory there, and says that it is a FAT on a stick. */
  async function putIn(size: string): Promise<string> {
    mount('-t', 'tmpfs', '-o', `size=${size}`, 'card', card());
    const { dev } = await stat(card());
    const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
    const root = mkdtempSync(join(folder, 'root-'));
    const disk = join(root, 'sys/devices/usb1/1-4/block/sdb');
    await mkdir(disk, { recursive: true });
    await mkdir(join(root, 'sys/dev/block'), { recursive: true });
    await mkdir(join(root, 'proc/self'), { recursive: true });
    await writeFile(join(disk, 'removable'), '1\n');
    await symlink(disk, join(root, 'sys/dev/block', number));
    const host = hostDrives({ platform: 'linux', root, run: () => Promise.resolve('') });
    drives = {
      list: async (signal) => {
        const mounts = await readFile('/proc/self/mountinfo', 'utf8');
        await writeFile(
          join(root, 'proc/self/mountinfo'),
          mounts.replaceAll(' - tmpfs card ', ' - vfat card '),
        );
        return await host.list(signal);
      },
      eject: () => Promise.resolve(void execFileSync('umount', [card()])),
    };
    const [found] = (await drives.list()).filter(({ isRemovable }) => isRemovable);
    expect(found?.path).toBe(card());
    return found?.id ?? '';
  }

  it('takes the file, and is ejected', async () => {
    const id = await putIn('2m');
    const keep = await stat(card());
    const seen: { file: Uint8Array | null } = { file: null };
    const watched: CardDrives = {
      list: (signal) => drives.list(signal),
      eject: async (drive, signal) => {
        seen.file = await readFile(join(card(), fileName));
        await drives.eject(drive, signal);
      },
    };
    const written = await writeToCard(watched, { card: id, fileName, bytes });
    expect(written).toMatchObject({ isReadFromCard: true, isEjected: true });
    expect(Buffer.from(bytes).equals(seen.file ?? Buffer.alloc(0))).toBe(true);
    expect((await stat(card())).dev).not.toBe(keep.dev);
  });

  it('is refused when it is full, and keeps the old file', async () => {
    const id = await putIn('256k');
    await writeFile(join(card(), fileName), 'old');
    expect(await codeOfRejection(writeToCard(drives, { card: id, fileName, bytes }))).toBe('card/full');
    expect(await readFile(join(card(), fileName), 'utf8')).toBe('old');
  });

  it('that becomes full while it is written keeps the old file alone', async () => {
    const id = await putIn('512k');
    await writeFile(join(card(), fileName), 'old');
    const misled: CardDrives = {
      ...drives,
      list: async (signal) => (await drives.list(signal)).map((each) => ({ ...each, freeBytes: 1e9 })),
    };
    await writeFile(join(card(), 'ballast'), Buffer.alloc(300_000));
    expect(await codeOfRejection(writeToCard(misled, { card: id, fileName, bytes }))).toBe('card/full');
    expect((await readdir(card())).toSorted()).toEqual(['ballast', fileName]);
    expect(await readFile(join(card(), fileName), 'utf8')).toBe('old');
  });

  it('with its lock switch on is refused, also where only the write shows it', async () => {
    const id = await putIn('2m');
    mount('-o', 'remount,ro', card());
    expect(await codeOfRejection(writeToCard(drives, { card: id, fileName, bytes }))).toBe('card/read-only');
    const misled: CardDrives = {
      ...drives,
      list: async (signal) => (await drives.list(signal)).map((each) => ({ ...each, isReadOnly: null })),
    };
    expect(await codeOfRejection(writeToCard(misled, { card: id, fileName, bytes }))).toBe('card/read-only');
  });

  it('that is pulled just before the write leaves nothing on the disk below', async () => {
    const id = await putIn('2m');
    let looks = 0;
    const pulled: CardDrives = {
      ...drives,
      list: async (signal) => {
        const found = await drives.list(signal);
        looks += 1;
        // The list of this moment still has it.
        if (looks === 2) execFileSync('umount', ['-l', card()]);
        return found;
      },
    };
    expect(await codeOfRejection(writeToCard(pulled, { card: id, fileName, bytes }))).toBe('card/gone');
    expect(looks).toBe(2);
    expect(await readdir(card())).toEqual([]);
  });
});
