import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { CanopusHere } from './canopus-here.ts';
import { GuestSsh } from './guest-ssh.ts';
import type { Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const application = 0x0800_8000;

let guest: Guest;
let ssh: GuestSsh;
let bench: VirtualBench;
let plugged: PluggedBench;
let canopus: CanopusHere;

beforeAll(async () => {
  guest = await guestOfThisRun();
  ssh = await GuestSsh.start(guest);
  const folder = await mkdtemp(path.join(tmpdir(), 'canopus-uart-over-ssh-'));
  canopus = new CanopusHere(folder, await ssh.options());
  const board = { id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1' } as const;
  const flash = [{ address: 0x0800_0000, bytes: Uint8Array.from(makeKatapultImage()) }];
  bench = new VirtualBench(
    { boards: [{ ...board, enumerationMs: 5, flash }] },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
  await guest.until('test -e /dev/ttyACM0');
}, 180_000);
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
  await rm(canopus.folder, { recursive: true, force: true });
});

// The guest's only serial port besides its console is that of a board on USB: to the agent it is one like any other.
describe('canopus with a board on a serial port of a Pi', { concurrent: false }, () => {
  it('asks its Katapult what it is', async () => {
    const last = await canopus.last(['katapult-status', '--uart', 'ttyACM0']);
    expect(last).toMatchObject({ port: 'pi:127-0-0-1/uart:ttyACM0', mcu: 'stm32f446xx', blockSize: 64 });
  });

  it('leaves the console of the system alone', async () => {
    const [console_ = ''] = (await guest.must('cat /sys/class/tty/console/active'))
      .trim()
      .split(' ')
      .slice(-1);
    const last = await canopus.last(['katapult-status', '--uart', console_]);
    expect(last).toMatchObject({ type: 'error', code: 'uart/console', state: 'untouched' });
  });

  it('writes Klipper through it and reads it back', async () => {
    const image = makeKlipperImage({ seed: 3, size: 6_000 });
    const file = path.join(canopus.folder, 'klipper.bin');
    await writeFile(file, image);
    const last = await canopus.last(['install-klipper', '--uart', 'ttyACM0', '--image', file]);
    expect(last).toMatchObject({ type: 'report', bytesVerified: image.length, seen: null });
    const written = bench.board('board').flash.read(application, image.length);
    expect(Buffer.compare(written, image)).toBe(0);
    expect((await guest.must(`pgrep -fc '^python3 -ISc' || true`)).trim()).toBe('0');
  });
});
