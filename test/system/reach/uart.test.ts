import { open } from 'node:fs/promises';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import { piUartPlace, usbPlacesOfPi } from '../../../app/place.ts';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import { readUartStatus } from '../../../app/flash/katapult-over-uart.ts';
import { checkBoardImages } from '../../../main/jobs/board-images.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { flashUartAt } from '../../../main/jobs/flash-uart-at.ts';
import type { JobServices } from '../../../main/jobs/job-services.ts';
import { AgentClient } from '../../../main/reach/pi/agent-client.ts';
import { PiDevices } from '../../../main/reach/pi/pi-devices.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { startLocalAgent } from './local-agent.ts';
import { openTerminalBoard, type TerminalBoard } from './terminal-board.ts';

const application = 0x0800_8000;
const place = piUartPlace('voron', 'ttyAMA0');
const image = Uint8Array.from(makeKlipperImage({ seed: 2, size: 9_000 }));

let folder: string;
let bench: VirtualBench;
let devices: PiDevices;
let services: JobServices;
let terminal: TerminalBoard | null = null;

/** A Klipper that restarts into the Katapult below it when it is asked to; until then it replies to nothing. */
function klipperAbove(katapult: ByteLink): ByteLink {
  const wanted = Buffer.from('~ \x1c Request Serial Bootloader!! ~');
  let heard = Buffer.alloc(0);
  let isKatapult = false;
  return {
    label: 'klipper',
    async write(bytes) {
      if (isKatapult) {
        await katapult.write(bytes);
        return;
      }
      heard = Buffer.concat([heard, bytes]);
      isKatapult = heard.includes(wanted);
    },
    read: (options) => katapult.read(options),
    close: () => katapult.close(),
    [Symbol.asyncDispose]: () => katapult.close(),
  };
}

/** A board in Katapult, or one that still runs Klipper, on the port ttyAMA0 of the agent's /dev; serial0 is a link to it. */
async function wireUp(runs: 'katapult' | 'klipper' | 'nothing'): Promise<TerminalBoard> {
  await terminal?.[Symbol.asyncDispose]();
  const board = bench.board('board');
  board.setPower(false);
  board.flash.load(application, new Uint8Array(64 << 10).fill(0xff));
  using watch = await DeviceWatch.open(bench.devices, systemClock);
  board.plug();
  board.setPower(true);
  await watch.waitFor((now) => now.at('usb:1-1')?.device.tty ?? null, { timeoutMs: 20_000 });
  const link = await bench.devices.openSerial('1-1');
  if (runs === 'nothing') board.setPower(false);
  terminal = await openTerminalBoard(runs === 'klipper' ? klipperAbove(link) : link);
  for (const name of ['ttyAMA0', 'serial0']) await rm(join(folder, 'dev', name), { force: true });
  await symlink(terminal.tty, join(folder, 'dev/ttyAMA0'));
  await symlink('ttyAMA0', join(folder, 'dev/serial0'));
  await writeFile(join(folder, 'sys/class/tty/console/active'), 'tty1\n');
  return terminal;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-uart-'));
  await mkdir(join(folder, 'dev'));
  await mkdir(join(folder, 'sys/class/tty/console'), { recursive: true });
  const flash = [{ address: flashStart, bytes: Uint8Array.from(makeKatapultImage()) }];
  bench = new VirtualBench(
    { boards: [{ id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', flash }] },
    { clock: systemClock, timeScale: 0.01 },
  );
  const roots = [join(folder, 'sys'), join(folder, 'dev'), join(folder, 'udev')] as const;
  const client = await AgentClient.open(startLocalAgent(Infinity, {}, roots).channel, systemClock);
  devices = new PiDevices({ client, asRoot: null });
  services = {
    ...{ devices, clock: systemClock, watch: new DeviceWatch(systemClock, usbPlacesOfPi('voron')) },
    openUart: (name) => devices.openUart(name),
  };
});
afterAll(async () => {
  await devices[Symbol.asyncDispose]();
  await terminal?.[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function write(bytes = image) {
  const loaded = { name: 'klipper.bin', bytes, info: await inspectImage(bytes) };
  const images = checkBoardImages({ bootloader: null, application: loaded }, unknownBoard);
  const signal = new AbortController().signal;
  return await flashUartAt(services, { place, images, signal, onEvent: () => undefined });
}

describe('a board on a serial port of a Pi', { concurrent: false }, () => {
  it.each(['katapult', 'klipper'] as const)('that runs %s is written and read back', async (runs) => {
    await wireUp(runs);
    const report = await write();
    expect(report).toMatchObject({
      place,
      seen: null,
      written: { application: { bytesVerified: image.length } },
    });
    expect(Buffer.compare(bench.board('board').flash.read(application, image.length), image)).toBe(0);
  });

  it('says what its Katapult is, and is not asked for its bootloader by that', async () => {
    await wireUp('katapult');
    await using link = await devices.openUart('serial0');
    expect(await readUartStatus(link, { clock: systemClock })).toMatchObject({
      mcu: 'stm32f446xx',
      blockSize: 64,
    });
    await link.close();
    await wireUp('klipper');
    await using other = await devices.openUart('serial0');
    await expect(readUartStatus(other, { clock: systemClock })).rejects.toMatchObject({
      code: 'uart/no-answer',
    });
  });

  it('has its further names, so that a printer.cfg with any of them is found', async () => {
    const { tty } = await wireUp('katapult');
    const names = ['ttyAMA0', 'serial0'].map((name) => join(folder, 'dev', name));
    expect(new Set(await devices.uartNames('serial0'))).toEqual(new Set([...names, tty]));
  });

  describe('is left alone', () => {
    beforeEach(() => wireUp('katapult'));

    it('if an image for another chip is to be written', async () => {
      const other = Uint8Array.from(makeKlipperImage({ mcu: 'stm32f407xx', size: 4_000 }));
      await expect(write(other)).rejects.toMatchObject({ code: 'image/wrong-mcu', state: 'untouched' });
    });

    it('if the kernel has its console there', async () => {
      const name = terminal?.tty.split('/').at(-1) ?? '';
      await writeFile(join(folder, 'sys/class/tty/console/active'), `tty1 ${name}\n`);
      await expect(write()).rejects.toMatchObject({ code: 'uart/console', state: 'untouched' });
    });

    it('if another program has it open, which is named', async () => {
      const held = await open(terminal?.tty ?? '', 'r+');
      await expect(write()).rejects.toMatchObject({
        code: 'uart/in-use',
        state: 'untouched',
        message: expect.stringContaining(`process ${process.pid}`) as string,
      });
      await held.close();
    });

    it('if the port is not there', async () => {
      await rm(join(folder, 'dev/ttyAMA0'));
      await expect(write()).rejects.toMatchObject({ code: 'uart/missing', state: 'untouched' });
    });
  });

  it('that is silent is named, not waited for', async () => {
    await wireUp('nothing');
    const startMs = performance.now();
    await expect(write()).rejects.toMatchObject({ code: 'uart/no-answer', state: 'untouched' });
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });
});
