import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McuName } from '../../app/mcu/mcu.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { formerContents } from '../conformance/dfu-bench.ts';
import { canopus } from './canopus.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const flashStart = 0x0800_0000;
/** The smallest that all three are sold with: the emulated guest reads every byte of it four times. */
const flashKiB = 512;

const chips = [
  { id: 'f446', mcu: 'stm32f446xx', port: '1-1', uid: '430014000A50534E4E313120' },
  // Its ROM does not report the UID.
  { id: 'f407', mcu: 'stm32f407xx', port: '1-2', uid: '39001B000C51313339373836' },
  { id: 'f429', mcu: 'stm32f429xx', port: '1-3', uid: '37001A001851303439363932' },
] as const satisfies readonly { id: string; mcu: McuName; port: string; uid: string }[];

type Chip = (typeof chips)[number];

let guest: Guest;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  bench = new VirtualBench(
    {
      boards: chips.map(({ id, mcu, port, uid }) => ({
        ...{ id, mcu, port, uid, flashKiB },
        boot0: true,
        enumerationMs: 5,
      })),
    },
    { clock: systemClock, timeScale: 0.1 },
  );
  for (const { id } of chips) {
    const { flash } = bench.board(id);
    // A maker's program with a gap in it, and a few words of settings at the very end.
    flash.load(flashStart, formerContents(90_000));
    flash.load(flashStart + flashKiB * 1024 - 100, formerContents(100));
  }
  plugged = await plugBench(guest, bench);
});
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** BOOT0 on, power off and on, until the guest sees ROM DFU. */
async function enterDfu({ id, port }: Chip): Promise<void> {
  const board = bench.board(id);
  board.setBoot0(true);
  board.setPower(false);
  await guest.until(`! test -e /sys/bus/usb/devices/${port}`);
  board.setPower(true);
  await guest.until(`grep -qs df11 /sys/bus/usb/devices/${port}/idProduct`);
}

/** All of flash, as dfu-util reads it. */
async function dump(chip: Chip, name: string): Promise<Uint8Array> {
  const file = `${chip.id}-${name}.bin`;
  await guest.must(`rm -f ${guestShareDir}/${file}`);
  const where = `-d 0483:df11 -p ${chip.port} -a 0 -s 0x08000000:${flashKiB * 1024}`;
  await guest.must(`dfu-util ${where} -U ${guestShareDir}/${file} 2>&1`, { timeoutMs: 300_000 });
  return readFile(path.join(guest.address.shareDir, file));
}

describe('backup, install, restore on a real kernel', () => {
  it.each(chips)(
    'leave the flash of $id as dfu-util read it first',
    async (chip) => {
      const { id, mcu, port, uid } = chip;
      const data = `/tmp/backup-${id}`;
      const image = `${guestShareDir}/${id}-katapult.bin`;
      await writeFile(path.join(guest.address.shareDir, `${id}-katapult.bin`), makeKatapultImage({ mcu }));
      await enterDfu(chip);
      const first = await dump(chip, 'first');
      expect(Buffer.compare(first, bench.board(id).flash.read(flashStart, first.length))).toBe(0);

      const installed = await canopus(
        guest,
        `install-katapult --port ${port} --image ${image} --backup --data ${data}`,
        { timeoutMs: 300_000 },
      );
      expect(installed.last).toMatchObject({ type: 'report', state: 'dfu-written' });
      const backup = installed.events.find(({ type }) => type === 'backup')?.['backupId'];
      expect(backup).toEqual(expect.any(String));
      expect(bench.board(id).flash.read(flashStart, 64)).not.toEqual(first.subarray(0, 64));

      await enterDfu(chip);
      const unconfirmed = mcu === 'stm32f407xx' ? `--confirm-board ${String(backup)}` : '';
      const restored = await canopus(
        guest,
        `restore --port ${port} --backup ${String(backup)} ${unconfirmed} --data ${data}`,
        { timeoutMs: 300_000 },
      );
      expect(restored.last).toMatchObject({
        ...{ type: 'report', outcome: 'restored', bytesVerified: flashKiB * 1024, isStarted: true },
        uid: mcu === 'stm32f407xx' ? null : uid,
      });
      expect(restored.exitCode).toBe(0);

      await enterDfu(chip);
      expect(Buffer.compare(await dump(chip, 'after'), first)).toBe(0);
    },
    900_000,
  );
});
