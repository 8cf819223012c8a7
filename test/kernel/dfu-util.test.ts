import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McuName } from '../../app/mcu/mcu.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const flashStart = 0x0800_0000;

const chips = [
  { id: 'f446', mcu: 'stm32f446xx', flashKiB: 512, port: '1-1', layout: '04*016Kg,01*064Kg,03*128Kg' },
  { id: 'f407', mcu: 'stm32f407xx', flashKiB: 1024, port: '1-2', layout: '04*016Kg,01*064Kg,07*128Kg' },
  { id: 'f429', mcu: 'stm32f429xx', flashKiB: 1024, port: '1-3', layout: '04*016Kg,01*064Kg,07*128Kg' },
  {
    id: 'f429-2m',
    mcu: 'stm32f429xx',
    flashKiB: 2048,
    port: '1-4',
    layout: '04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg',
  },
] as const satisfies readonly { id: string; mcu: McuName; flashKiB: number; port: string; layout: string }[];

type Chip = (typeof chips)[number];

const uidOf = (index: number): string => `39001B000C5131333937383${index}`;

let guest: Guest;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  bench = new VirtualBench(
    {
      boards: chips.map(({ id, mcu, flashKiB, port }, index) => ({
        ...{ id, mcu, flashKiB, port, uid: uidOf(index) },
        boot0: true,
        enumerationMs: 5,
      })),
    },
    // dfu-util waits 5 s for a reply, and 35 s for a mass erase that is announced as 100 ms, as real parts do.
    { clock: systemClock, timeScale: 0.1 },
  );
  plugged = await plugBench(guest, bench);
  for (const { port } of chips) await guest.until(`test -e /sys/bus/usb/devices/${port}`);
});
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

function dfuUtil(chip: Chip, args: string) {
  return guest.run(`dfu-util -d 0483:df11 -p ${chip.port} -a 0 ${args} 2>&1`, { timeoutMs: 200_000 });
}

function flashOf({ id, flashKiB }: Chip): Uint8Array {
  return bench.board(id).flash.read(flashStart, flashKiB * 1024);
}

describe('dfu-util on the virtual ROM bootloader', () => {
  it('lists every memory of every chip, told apart by port', async () => {
    const lines = (await guest.must('dfu-util -l'))
      .split('\n')
      .filter((line) => line.startsWith('Found DFU'));
    for (const { port, layout } of chips) {
      const here = lines.filter((line) => line.includes(`path="${port}"`));
      expect(here.find((line) => line.includes('alt=0'))).toContain(
        `name="@Internal Flash  /0x08000000/${layout}"`,
      );
      expect(here.length).toBeGreaterThanOrEqual(3);
    }
  });

  it('shows the same serial number for every F446 and a different one for others', async () => {
    const serials = await Promise.all(
      chips.map(({ port }) => guest.must(`cat /sys/bus/usb/devices/${port}/serial`)),
    );
    expect(serials[0]).toBe('STM32FxSTM32\n');
    expect(serials[1]).toMatch(/^[0-9A-F]{12}\n$/);
  });

  it('erases, writes, verifies nothing and leaves, as the guides say; the image is there and starts', async () => {
    const images = chips.map(({ mcu }) => makeKatapultImage({ mcu }));
    const outputs = await Promise.all(
      chips.map(async (chip, index) => {
        bench.board(chip.id).flash.load(flashStart + chip.flashKiB * 1024 - 4, Uint8Array.of(1, 2, 3, 4));
        await writeFile(path.join(guest.address.shareDir, `${chip.id}.bin`), images[index]!);
        const address = '0x08000000:force:mass-erase:leave';
        return dfuUtil(chip, `-D ${guestShareDir}/${chip.id}.bin --dfuse-address ${address}`);
      }),
    );
    for (const [index, chip] of chips.entries()) {
      expect(outputs[index]!.stdout).toContain('File downloaded successfully');
      const after = new Uint8Array(chip.flashKiB * 1024).fill(0xff);
      after.set(images[index]!);
      expect(Buffer.compare(flashOf(chip), after)).toBe(0);
      const name = `usb-katapult_${chip.mcu}_${uidOf(index)}-if00`;
      await guest.until(`test -c /dev/serial/by-id/${name}`);
    }
  });

  it.each(chips)('uploads what the flash of $id holds', async (chip) => {
    const virtual = bench.board(chip.id);
    virtual.setBoot0(true);
    virtual.setPower(false);
    // No two places alike, also across the border of the two banks.
    const size = Math.min(chip.flashKiB, 1024) === 512 ? 512 * 1024 : 96 * 1024;
    const start = flashStart + chip.flashKiB * 1024 - size;
    virtual.flash.load(
      start,
      Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 11)) & 0xff),
    );
    virtual.setPower(true);
    await guest.until(`grep -qs df11 /sys/bus/usb/devices/${chip.port}/idProduct`);
    const file = `upload-${chip.id}.bin`;
    await guest.must(`rm -f ${guestShareDir}/${file}`);
    const { stdout } = await dfuUtil(chip, `-s 0x${start.toString(16)}:${size} -U ${guestShareDir}/${file}`);
    expect(stdout).toContain('Upload done.');
    const uploaded = await readFile(path.join(guest.address.shareDir, file));
    expect(Buffer.compare(uploaded, virtual.flash.read(start, size))).toBe(0);
  });
});
