import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readUf2 } from '../../../app/protocols/uf2/file.ts';
import { JumpingClock } from '../../app/flash/dfu-scripted-link.ts';
import type { CardDrives, Drive } from '../../../main/cards/card-drives.ts';
import { CardWriting } from '../../../main/station/card-writing.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { codeOfRejection } from '../../error-code.ts';

const info = { rp2040: 'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-uf2-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function driveOf(name: string, text: string | null): Promise<Drive> {
  const path = join(folder, name);
  await mkdir(path);
  if (text !== null) await writeFile(join(path, 'INFO_UF2.TXT'), text);
  return {
    ...{ id: name, path, label: name, fileSystem: 'vfat', totalBytes: 2 ** 27, freeBytes: 2 ** 27 },
    ...{ isReadOnly: false, isVirtual: false, isRemovable: true, device: `/dev/${name}` },
  };
}

/** Drives of which one restarts, as a boot ROM does, once a whole UF2 file is on it. */
function romsOf(drives: readonly Drive[], takes: boolean): CardDrives {
  const isWhole = async ({ path }: Drive): Promise<boolean> => {
    const file = await readFile(join(path, 'CANOPUS.UF2')).catch(() => null);
    return file !== null && readUf2(file).damaged === null;
  };
  return {
    list: async () => {
      const taken = await Promise.all(drives.map(isWhole));
      return drives.filter((_, index) => !(takes && taken[index]));
    },
    eject: () => Promise.resolve(),
  };
}

function writing(drives: CardDrives, image = makeKatapultImage({ mcu: 'rp2040' })): CardWriting {
  const clock = new JumpingClock();
  return new CardWriting({
    ...{ drives, presets: [], clock, images: { list: () => Promise.resolve([]) } },
    cache: { require: () => Promise.resolve({ record: {} as never, bytes: image }) },
  });
}

const order = { image: 'a'.repeat(64), drive: null };

describe('a boot ROM with a drive', () => {
  it('takes Katapult, which its vanished drive shows', async () => {
    const drive = await driveOf('RPI-RP2', info.rp2040);
    const report = await writing(romsOf([drive], true)).writeUf2(order);
    expect(report).toMatchObject({ path: drive.path, mcu: 'rp2040' });
  });

  it('that keeps its drive has not taken it', async () => {
    const drive = await driveOf('RPI-RP2', info.rp2040);
    const error: unknown = await writing(romsOf([drive], false))
      .writeUf2(order)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'uf2/not-taken', state: 'bootsel-partial' });
  });

  it('is never offered as an SD card', async () => {
    const drives = [await driveOf('RPI-RP2', info.rp2040), await driveOf('BOOT', null)];
    expect((await writing(romsOf(drives, true)).list()).map(({ id }) => id)).toEqual(['BOOT']);
  });

  it('is chosen where several are there', async () => {
    const drives = [await driveOf('RPI-RP2', info.rp2040), await driveOf('RPI-RP2 1', info.rp2040)];
    const cards = writing(romsOf(drives, true));
    expect(await codeOfRejection(cards.writeUf2(order))).toBe('uf2/several-drives');
    const second = { ...order, drive: drives[1]?.path ?? '' };
    expect(await cards.writeUf2(second)).toMatchObject({ path: drives[1]?.path });
  });

  it('gets no image for another chip, and no file on any other drive', async () => {
    const drive = await driveOf('RPI-RP2', info.rp2040);
    const wrong = writing(romsOf([drive], true), makeKatapultImage({ mcu: 'rp2350' }));
    expect(await codeOfRejection(wrong.writeUf2(order))).toBe('image/wrong-mcu');
    expect(await codeOfRejection(readFile(join(drive.path, 'CANOPUS.UF2')))).toBe('foreign error');
    const cards = writing(romsOf([await driveOf('BOOT', null)], true));
    expect(await codeOfRejection(cards.writeUf2(order))).toBe('uf2/no-drive');
  });
});
