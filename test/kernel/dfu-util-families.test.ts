import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McuName } from '../../app/mcu/mcu.ts';
import type { PortPath } from '../../app/place.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const flashStart = 0x0800_0000;
const uid = '2B0007000C50425539393020';
/** From that UID, as both were seen on an EBB36. */
const serial = '203739645542';

interface Chip {
  readonly id: string;
  readonly mcu: McuName;
  readonly flashKiB: number;
  readonly port: PortPath;
  readonly layout: string;
  readonly memories: number;
}

const chips: readonly Chip[] = [
  {
    ...{ id: 'g0b1', mcu: 'stm32g0b1xx', flashKiB: 128, port: '1-1' },
    ...{ layout: '64*02Kg', memories: 3 },
  },
  {
    ...{ id: 'h723', mcu: 'stm32h723xx', flashKiB: 1024, port: '1-2' },
    ...{ layout: '8*128Kg', memories: 2 },
  },
];

let guest: Guest;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  const boards = chips.map(({ id, mcu, flashKiB, port }) => ({
    ...{ id, mcu, flashKiB, port, uid },
    boot0: true,
    enumerationMs: 5,
  }));
  bench = new VirtualBench({ boards }, { clock: systemClock, timeScale: 0.1 });
  plugged = await plugBench(guest, bench);
  for (const { port } of chips) await guest.until(`test -e /sys/bus/usb/devices/${port}`);
});
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

function dfuUtil({ port }: Chip, args: string) {
  return guest.run(`dfu-util -d 0483:df11 -p ${port} -a 0 ${args} 2>&1`, { timeoutMs: 200_000 });
}

describe.each(chips)('dfu-util on the virtual ROM of $id', (chip) => {
  const { id, mcu, flashKiB, port, layout, memories } = chip;
  const image = makeKatapultImage({ mcu });

  it('lists its memories, its release and its serial number', async () => {
    const lines = (await guest.must('dfu-util -l')).split('\n');
    const here = lines.filter((line) => line.startsWith('Found DFU') && line.includes(`path="${port}"`));
    expect(here).toHaveLength(memories);
    const first = here.find((line) => line.includes('alt=0'));
    expect(first).toContain(`name="@Internal Flash   /0x08000000/${layout}"`);
    expect(first).toContain('ver=0200');
    expect(first).toContain(`serial="${serial}"`);
  });

  it('writes an image over a used chip, page by page, and reads it back', async () => {
    const { flash } = bench.board(id);
    const used = Uint8Array.from({ length: flashKiB * 1024 }, (_, at) => (at * 7 + (at >> 11)) & 0xff);
    flash.load(flashStart, used);
    await writeFile(path.join(guest.address.shareDir, `${id}.bin`), image);
    const written = await dfuUtil(chip, `-D ${guestShareDir}/${id}.bin -s 0x08000000`);
    expect(written.stdout).toContain('File downloaded successfully');
    expect(flash.read(flashStart, image.length)).toEqual(image);
    const lastPage = used.length - 2048;
    expect(flash.read(flashStart + lastPage, 2048)).toEqual(used.slice(lastPage));
    await guest.must(`rm -f ${guestShareDir}/read-${id}.bin`);
    const read = await dfuUtil(chip, `-s 0x08000000:${image.length} -U ${guestShareDir}/read-${id}.bin`);
    expect(read.stdout).toContain('Upload done.');
    const bytes = await readFile(path.join(guest.address.shareDir, `read-${id}.bin`));
    expect(Buffer.compare(bytes, image)).toBe(0);
  });

  it('mass-erases, writes and leaves, as the guides say: Katapult starts', async () => {
    await writeFile(path.join(guest.address.shareDir, `${id}.bin`), image);
    const address = '0x08000000:force:mass-erase:leave';
    const { stdout } = await dfuUtil(chip, `-D ${guestShareDir}/${id}.bin -s ${address}`);
    expect(stdout).toContain('File downloaded successfully');
    const after = new Uint8Array(flashKiB * 1024).fill(0xff);
    after.set(image);
    expect(Buffer.compare(bench.board(id).flash.read(flashStart, after.length), after)).toBe(0);
    await guest.until(`test -c /dev/serial/by-id/usb-katapult_${mcu}_${uid}-if00`);
  });
});
