import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installWithDfu } from '../../app/flash/dfu-install.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { CanopusHere, type Line } from './canopus-here.ts';
import { GuestSsh } from './guest-ssh.ts';
import type { Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const flashStart = 0x0800_0000;
const application = 0x0800_8000;
const uid = '430014000A50534E4E313120';

let guest: Guest;
let ssh: GuestSsh;
let bench: VirtualBench;
let plugged: PluggedBench;
let folder: string;
let canopus: CanopusHere;
let katapult: string;
let klipper: string;
const images = {
  katapult: makeKatapultImage(),
  klipper: makeKlipperImage({ seed: 5, size: 9_000 }),
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-over-ssh-'));
  katapult = path.join(folder, 'katapult.bin');
  klipper = path.join(folder, 'klipper.bin');
  await writeFile(katapult, images.katapult);
  await writeFile(klipper, images.klipper);
  guest = await guestOfThisRun();
  ssh = await GuestSsh.start(guest);
  canopus = new CanopusHere(folder, await ssh.options());
  bench = new VirtualBench(
    { boards: [{ id: 'board', mcu: 'stm32f446xx', uid, port: '1-1', boot0: true, enumerationMs: 5 }] },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
  await guest.until('test -e /sys/bus/usb/devices/1-1');
}, 180_000);
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Takes the jumper off and power-cycles the board when a person is asked to. */
function obey(line: Line): void {
  if (line.type !== 'ask' || line['ask'] !== 'remove-jumper') return;
  const board = bench.board('board');
  board.setBoot0(false);
  board.setPower(false);
  board.setPower(true);
}

const flash = (onLine?: (line: Line) => void): Promise<readonly Line[]> =>
  canopus.run(
    ['flash', '--port', '1-1', '--preset', 'btt-octopus:f446', '--katapult', katapult, '--klipper', klipper],
    onLine,
  );

function expectWritten(): void {
  const { flash: memory } = bench.board('board');
  expect(Buffer.compare(memory.read(flashStart, images.katapult.length), images.katapult)).toBe(0);
  expect(Buffer.compare(memory.read(application, images.klipper.length), images.klipper)).toBe(0);
}

const agents = (): Promise<string> => guest.must(`pgrep -fc '^python3 -ISc' || true`);

describe('canopus with a board on a Pi', { concurrent: false }, () => {
  it('lists it at its place on that Pi', async () => {
    const lines = await canopus.run(['boards']);
    expect(lines.filter(({ type }) => type === 'board')).toMatchObject([
      { place: 'pi:127-0-0-1/usb:1-1', mode: 'dfu', vendorId: 0x0483 },
    ]);
    expect((await agents()).trim()).toBe('0');
  });

  it('leaves nothing behind and a chip in DFU if its connection breaks in the middle of a write', async () => {
    const devices = await ssh.devices();
    const link = await devices.openUsb('1-1');
    let isCut = false;
    const flashing = (async () => {
      const options = { clock: systemClock, applicationAddress: application, checkTarget: () => [] };
      for await (const event of installWithDfu(link, images.katapult, options)) {
        if (isCut || event.type !== 'progress' || event.phase !== 'write') continue;
        isCut = true;
        await guest.must(`pkill -KILL -f '^sshd: root'`);
      }
    })();
    await expect(flashing).rejects.toMatchObject({ code: 'shell/lost', state: 'dfu-partial' });
    await devices[Symbol.asyncDispose]();
    await guest.until(`! pgrep -f '^python3 -ISc'`);
    expect(bench.board('board').device?.mode).toBe('dfu');
  });

  // The chip is as the broken run has left it.
  it('takes it from DFU to a bridge, and leaves nothing behind', async () => {
    const lines = await flash(obey);
    expect(lines.at(-1)).toMatchObject({ type: 'report', uid, seen: 'can-bridge' });
    expectWritten();
    expect((await agents()).trim()).toBe('0');
  });

  it('updates the running bridge with no button, and leaves nothing behind', async () => {
    images.klipper = makeKlipperImage({ seed: 9, size: 9_000 });
    await writeFile(klipper, images.klipper);
    const lines = await flash();
    expect(lines.filter(({ type }) => type === 'ask')).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ type: 'report', uid, seen: 'can-bridge' });
    expect(lines.at(-1)).toMatchObject({ written: { bootloader: null } });
    expectWritten();
    expect((await agents()).trim()).toBe('0');
  });
});
