import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlashEvent } from '../../../app/flash/flash-event.ts';
import { flashWithKatapult } from '../../../app/flash/katapult-flasher.ts';
import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { AgentClient } from '../../../main/reach/pi/agent-client.ts';
import { startAgentOverSsh } from '../../../main/reach/pi/agent-over-ssh.ts';
import { PiDevices } from '../../../main/reach/pi/pi-devices.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { logIn } from './agent-bench.ts';
import { startLocalAgent } from './local-agent.ts';
import { RunningAgents } from './running-agents.ts';
import { openTerminalBoard, type TerminalBoard } from './terminal-board.ts';

const application = 0x0800_8000;
const unit = 'klipper.service';
const former = Uint8Array.from(makeKlipperImage({ seed: 1, size: 20_000 }));
/** Over the first sector and into the next, so that the run has every part that one can have. */
const image = Uint8Array.from(makeKlipperImage({ seed: 2, size: 18_000 }));

let folder: string;
let bench: VirtualBench;
let terminal: TerminalBoard | null = null;

/** A stand-in for systemctl writes down what it was asked for. */
const calls = (): string => join(folder, 'calls');
const environment = (): { PATH: string } => ({ PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-cut-'));
  const program = join(folder, 'bin/systemctl');
  await mkdir(join(folder, 'bin'));
  await writeFile(program, `#!/bin/sh\necho "$*" >> ${calls()}\n`);
  await chmod(program, 0o755);
  const flash = [{ address: flashStart, bytes: Uint8Array.from(makeKatapultImage()) }];
  bench = new VirtualBench(
    { boards: [{ id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', flash }] },
    { clock: systemClock, timeScale: 0.01 },
  );
});
afterAll(async () => {
  await terminal?.[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The serial port of a board in Katapult with another application below it. */
async function boardInKatapult(): Promise<TerminalBoard> {
  await terminal?.[Symbol.asyncDispose]();
  await rm(calls(), { force: true });
  const board = bench.board('board');
  board.setPower(false);
  board.flash.load(application, former);
  using watch = await DeviceWatch.open(bench.devices, systemClock);
  board.plug();
  board.setPower(true);
  board.doubleTap();
  await watch.waitFor((now) => now.at('usb:1-1')?.device.tty ?? null, { timeoutMs: 20_000 });
  expect(board.running).toBe('katapult');
  return (terminal = await openTerminalBoard(await bench.devices.openSerial('1-1')));
}

/** As a run on a Pi: Klipper stopped, the port opened, the image written and read back, Klipper started. */
async function flashThrough(
  client: AgentClient,
  tty: string,
  onEvent: (event: FlashEvent) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await using devices = new PiDevices({ client, asRoot: null });
  await client.request('at-end.do', { key: unit, unit });
  await client.request('unit.stop', { unit });
  await using link = await devices.openTty(tty, 250_000);
  const run = flashWithKatapult(link, image, {
    clock: systemClock,
    expectedMcu: 'stm32f446xx',
    applicationAddress: application,
  });
  for await (const event of run) await onEvent(event);
  await client.request('unit.start', { unit });
  await client.request('at-end.forget', { key: unit });
}

const called = async (): Promise<string> => readFile(calls(), 'utf8').catch(() => '');

function expectWritten(): void {
  expect(Buffer.compare(bench.board('board').flash.read(application, image.length), image)).toBe(0);
}

/** Every stop of Klipper was followed by a start. */
async function expectKlipperRuns(): Promise<void> {
  const orders = (await called()).split('\n').filter((line) => line !== '');
  if (orders.includes(`stop ${unit}`)) expect(orders.at(-1)).toBe(`start ${unit}`);
  else expect(orders.filter((order) => order !== `start ${unit}`)).toEqual([]);
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

describe('a connection that breaks while a board is written over it', { concurrent: false }, () => {
  it('at any message leaves Klipper running, no agent and a board that the next run writes', async () => {
    const throughPipe = async (tty: string, cutAfter: number) => {
      const agent = startLocalAgent(cutAfter, environment());
      const outcome = await AgentClient.open(agent.channel, systemClock)
        .then((client) => flashThrough(client, tty))
        .then(() => 'written', codeOf);
      return { outcome, sent: agent.sent, exitCode: await agent.exitCode, said: agent.said };
    };
    const whole = await throughPipe((await boardInKatapult()).tty, Infinity);
    expect(whole).toMatchObject({ outcome: 'written', exitCode: 0, said: '' });
    expectWritten();
    // Hello, Klipper's unit, the port, and what the flasher asks for.
    expect(whole.sent).toBeGreaterThan(10);

    // Cut in place of the last message, a close, everything has been done.
    for (let cutAfter = 0; cutAfter < whole.sent - 1; cutAfter++) {
      const { tty } = await boardInKatapult();
      const cut = await throughPipe(tty, cutAfter);
      expect(cut).toEqual({ outcome: 'shell/lost', sent: cutAfter, exitCode: 0, said: '' });
      await expectKlipperRuns();
      // It has left Katapult only if the whole image was read back before.
      if (bench.board('board').running === 'katapult')
        expect(await throughPipe(tty, Infinity)).toMatchObject({ outcome: 'written' });
      expectWritten();
    }
  }, 240_000);

  describe('through OpenSSH', () => {
    const agents = new RunningAgents();
    let server: OpenSshServer;
    beforeAll(async () => {
      server = await startOpenSshServer({ env: { ...agents.mark, ...environment() } });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    const isFar = (event: FlashEvent, phase: string): boolean =>
      event.type === 'progress' && event.phase === phase && event.bytesDone > event.bytesTotal / 2;

    it.each<readonly [string, (event: FlashEvent) => boolean]>([
      ['as the first sector is erased', (event) => event.type === 'phase' && event.phase === 'write'],
      ['in the middle of the write', (event) => isFar(event, 'write')],
      ['in the middle of the read-back', (event) => isFar(event, 'verify')],
      ['before the start of the application', (event) => event.type === 'phase' && event.phase === 'leave'],
    ])('%s', async (_, isMoment) => {
      const { tty } = await boardInKatapult();
      const shell = await logIn(server);
      const client = await AgentClient.open(await startAgentOverSsh(shell), systemClock);
      expect(await agents.list()).toHaveLength(1);
      let isCut = false;
      const flashing = flashThrough(client, tty, async (event) => {
        if (isCut || !isMoment(event)) return;
        isCut = true;
        await server.cut();
        // Until this side knows: what it sends before is lost in the connection.
        await client.whenEnded;
      });
      expect(await flashing.then(() => 'written', codeOf)).toBe('shell/lost');
      expect(await agents.areGone(20_000)).toBe(true);
      await expectKlipperRuns();
      expect(await readdir(server.home)).toEqual([]);
      expect(bench.board('board').running).toBe('katapult');

      await using again = await logIn(server);
      await flashThrough(await AgentClient.open(await startAgentOverSsh(again), systemClock), tty);
      expectWritten();
      await shell[Symbol.asyncDispose]();
    });
  });
});
