import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Drive, RunProgram } from '../../../main/cards/card-drives.ts';
import { hostDrives } from '../../../main/cards/host-drives.ts';
import { codeOfRejection } from '../../error-code.ts';
import { diskInfo, diskList } from './mac-disks.ts';

const removable = (drives: readonly Drive[]): readonly string[] =>
  drives.filter(({ isRemovable }) => isRemovable).map(({ path }) => path);

describe.skipIf(process.platform === 'win32')('on Linux', () => {
  let root: string;
  const pci = 'sys/devices/pci0000:00/0000:00:14.0';

  /** A file system of a computer with every kind of disk, as sysfs and proc show them. */
  async function disk(
    folder: string,
    number: string,
    files: Readonly<Record<string, string>>,
  ): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(root, folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `${text}\n`);
    }
    await mkdir(join(root, 'sys/dev/block'), { recursive: true });
    await symlink(join(root, folder), join(root, 'sys/dev/block', number));
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'canopus-drives-'));
    const stick = `${pci}/usb1/1-4/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sdb`;
    await disk(stick, '8:16', { removable: '1', ro: '0', size: '62333952' });
    await disk(`${stick}/sdb1`, '8:17', { partition: '1' });
    const ssd = `${pci}/usb2/2-1/2-1:1.0/host7/target7:0:0/7:0:0:0/block/sdc`;
    await disk(ssd, '8:32', { removable: '0', ro: '0', size: '976773168' });
    await disk(`${ssd}/sdc1`, '8:33', { partition: '1' });
    const card = 'sys/devices/platform/soc/fe340000.mmc/mmc_host/mmc1/mmc1:aaaa/block/mmcblk1';
    await disk(card, '179:32', { removable: '0', ro: '1', size: '31116288', 'device/type': 'SD' });
    await disk(`${card}/mmcblk1p1`, '179:33', { partition: '1' });
    const own = 'sys/devices/platform/soc/fe300000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0';
    await disk(own, '179:0', { removable: '0', ro: '0', size: '62333952', 'device/type': 'SD' });
    await disk(`${own}/mmcblk0p1`, '179:1', { partition: '1' });
    await disk(`${own}/mmcblk0p2`, '179:2', { partition: '2' });
    const soldered = 'sys/devices/platform/soc/fe310000.mmc/mmc_host/mmc2/mmc2:0001/block/mmcblk2';
    await disk(soldered, '179:64', { removable: '0', ro: '0', size: '62333952', 'device/type': 'MMC' });
    await disk('sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda', '8:0', {
      removable: '1',
      ro: '0',
    });
    await mkdir(join(root, 'proc/self'), { recursive: true });
    await writeFile(
      join(root, 'proc/self/mountinfo'),
      [
        '22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw',
        '23 22 0:21 / /proc rw,nosuid shared:2 - proc proc rw',
        '24 22 179:1 / /boot/firmware rw,relatime shared:3 - vfat /dev/mmcblk0p1 rw,fmask=0022',
        '40 22 8:17 / /media/me/MY\\040STICK rw,nosuid shared:9 - vfat /dev/sdb1 rw,uid=1000',
        '41 22 8:17 / /mnt/again rw,nosuid shared:9 - vfat /dev/sdb1 rw,uid=1000',
        '42 22 8:33 / /media/me/SSD rw,nosuid shared:10 - exfat /dev/sdc1 rw',
        '43 22 179:33 / /media/me/LOCKED ro,nosuid shared:11 - vfat /dev/mmcblk1p1 ro',
        '44 22 179:64 / /media/me/EMMC rw shared:12 - ext4 /dev/mmcblk2 rw',
        '45 22 8:0 / /media/me/BAY rw shared:13 - vfat /dev/sda rw',
        '46 22 179:1 /overlays /media/me/bind rw shared:3 - vfat /dev/mmcblk0p1 rw',
        'a line that is none',
        '',
      ].join('\n'),
    );
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('lists sticks and SD cards, and no disk that the computer runs from', async () => {
    const drives = await hostDrives({ platform: 'linux', root }).list();
    expect(removable(drives)).toEqual(['/media/me/MY STICK', '/media/me/LOCKED']);
    expect(drives.map(({ path }) => path)).toContain('/boot/firmware');
    expect(drives.find(({ path }) => path === '/media/me/MY STICK')).toMatchObject({
      label: 'MY STICK',
      fileSystem: 'vfat',
      isReadOnly: false,
      device: '/dev/sdb1',
    });
  });

  it('sees the lock switch', async () => {
    const drives = await hostDrives({ platform: 'linux', root }).list();
    expect(drives.find(({ path }) => path === '/media/me/LOCKED')?.isReadOnly).toBe(true);
  });

  it('names another card in the same slot differently', async () => {
    const idOf = async (): Promise<string | undefined> =>
      (await hostDrives({ platform: 'linux', root }).list()).find(({ device }) => device === '/dev/sdb1')?.id;
    const before = await idOf();
    await writeFile(
      join(root, `${pci}/usb1/1-4/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sdb/size`),
      '31116288\n',
    );
    expect(await idOf()).not.toBe(before);
  });

  it('throws where there is no list of mounts', async () => {
    const drives = hostDrives({ platform: 'linux', root: join(root, 'sys') });
    expect(await codeOfRejection(drives.list())).toBe('card/unlisted');
  });
});

describe('on Windows', () => {
  const listing = (output: unknown): Promise<readonly Drive[]> =>
    hostDrives({ platform: 'win32', run: () => Promise.resolve(JSON.stringify(output)) }).list();
  const fixed = {
    id: 'C:',
    type: 3,
    label: '',
    fileSystem: 'NTFS',
    size: 511e9,
    free: 2e11,
    serial: 'A0B1C2D3',
  };
  const card = {
    id: 'E:',
    type: 2,
    label: 'BOOT',
    fileSystem: 'FAT32',
    size: 31914983424,
    free: 31914950656,
    serial: '6A9F11E2',
  };
  const empty = { id: 'F:', type: 2, label: null, fileSystem: null, size: null, free: null, serial: null };

  it('lists removable drives with a medium', async () => {
    const drives = await listing({ system: 'C:', drives: [fixed, card, empty] });
    expect(removable(drives)).toEqual(['E:\\']);
    expect(drives.map(({ path }) => path)).toEqual(['C:\\', 'E:\\']);
    expect(drives[1]).toMatchObject({
      label: 'BOOT',
      fileSystem: 'FAT32',
      freeBytes: 31914950656,
      isReadOnly: null,
    });
  });

  it('knows a Windows that runs from a stick', async () => {
    expect(removable(await listing({ system: 'E:', drives: [card] }))).toEqual([]);
  });

  it.each([
    ['no JSON', 'Get-CimInstance : Access denied'],
    ['a letter that is none', { system: 'C:', drives: [{ ...card, id: '..\\' }] }],
  ])('throws if PowerShell printed %s', async (_, output) => {
    expect(await codeOfRejection(listing(output))).toBe('card/unlisted');
  });

  it('throws if PowerShell failed', async () => {
    const drives = hostDrives({ platform: 'win32', run: () => Promise.reject(new Error('spawn ENOENT')) });
    expect(await codeOfRejection(drives.list())).toBe('card/unlisted');
  });
});

describe('on macOS', () => {
  const run: RunProgram = (_, args) =>
    Promise.resolve(args[0] === 'list' ? diskList : (diskInfo[args.at(-1) ?? ''] ?? ''));

  it('lists a card in a reader and one in the slot, no SSD and no fixed disk', async () => {
    const drives = await hostDrives({ platform: 'darwin', run }).list();
    expect(removable(drives)).toEqual(['/Volumes/BOOT', '/Volumes/A & B']);
    expect(drives.map(({ path }) => path)).toContain('/Volumes/SSD');
    expect(drives.find(({ path }) => path === '/Volumes/BOOT')).toMatchObject({
      label: 'BOOT',
      fileSystem: 'msdos',
      totalBytes: 31914983424,
      freeBytes: 31914950656,
      isReadOnly: false,
      device: 'disk4',
    });
    expect(drives.find(({ path }) => path === '/Volumes/A & B')?.isReadOnly).toBe(true);
  });

  it('ejects the whole disk', async () => {
    const commands: string[] = [];
    const drives = hostDrives({
      platform: 'darwin',
      run: (file, args) => {
        commands.push([file, ...args].join(' '));
        return run(file, args);
      },
    });
    const [card] = (await drives.list()).filter(({ isRemovable }) => isRemovable);
    if (card !== undefined) await drives.eject(card);
    expect(commands.at(-1)).toBe('/usr/sbin/diskutil eject disk4');
  });

  it('throws if the list is cut short', async () => {
    const drives = hostDrives({
      platform: 'darwin',
      run: () => Promise.resolve(diskList.slice(0, diskList.length - 40)),
    });
    expect(await codeOfRejection(drives.list())).toBe('card/unlisted');
  });
});
