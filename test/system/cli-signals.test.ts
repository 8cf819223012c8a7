import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { runUntilHangUp } from './pseudo-terminal.ts';

/** The built command line, as a process that gets signals. */
const cli = path.resolve('out/cli/canopus.js');

let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-signals-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
  const flash = [{ address: '0x08000000', file: 'katapult.bin' }];
  const boards = [
    { id: 'dfu', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', boot0: true },
    { id: 'katapult', mcu: 'stm32f446xx', uid: '2C0041000A50534E4E313120', port: '1-2', flash },
  ];
  await writeFile(file('bench.json'), JSON.stringify({ boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Sends SIGINT once the line is there; returns how the process ended. */
function interruptedAt(line: RegExp, ...args: readonly string[]) {
  return signalledAt(['SIGINT'], line, ...args);
}

/** Sends the signals, one right after the other, once the line is there; returns how the process ended. */
async function signalledAt(
  signals: readonly ('SIGINT' | 'SIGTERM' | 'SIGHUP')[],
  line: RegExp,
  ...args: readonly string[]
) {
  const all = [cli, ...args, '--sim', file('bench.json'), '--json'];
  const child = spawn(process.execPath, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_DATA_HOME: file('data') },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (printed) => {
    lines.push(printed);
    // Once: a second Ctrl-C ends the program at once.
    if (line.test(printed) && !child.killed) for (const signal of signals) child.kill(signal);
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, last: JSON.parse(lines.at(-1) ?? 'null') as unknown };
}

describe('Ctrl-C', () => {
  it('is what "boards --watch" waits for, also where nothing is left to happen', async () => {
    const { exitCode, last } = await interruptedAt(/"port":"1-2"/, 'boards', '--watch');
    expect(last).toMatchObject({ type: 'attach', port: '1-2', tty: 'sim:1-2' });
    expect(exitCode).toBe(0);
  });

  it.each([
    ['install-katapult', '1-1', 'katapult.bin', 'dfu-partial'],
    ['install-klipper', '1-2', 'klipper.bin', 'katapult-partial'],
  ])(
    'ends %s with 130 at a safe point, and says what is on the board',
    async (command, port, image, state) => {
      const args = [command, '--port', port, '--image', file(image)];
      const { exitCode, last } = await interruptedAt(/"progress".*"write"/, ...args);
      expect(last).toMatchObject({ type: 'error', code: 'cancelled', state });
      expect(exitCode).toBe(130);
    },
  );

  it('ends "flash" with 130 while it waits for a person', async () => {
    const images = ['--katapult', file('katapult.bin'), '--klipper', file('klipper.bin')];
    const args = ['flash', '--port', '1-1', '--preset', 'btt-octopus:f446', ...images];
    const { exitCode, last } = await interruptedAt(/"remove-jumper"/, ...args);
    expect(last).toMatchObject({ type: 'error', code: 'cancelled', state: 'katapult-verified' });
    expect(exitCode).toBe(130);
  });
});

describe('a terminal that is closed', () => {
  const writes = [
    ['install-katapult', '1-1', 'katapult.bin', 'dfu-partial'],
    ['install-klipper', '1-2', 'klipper.bin', 'katapult-partial'],
  ] as const;

  it.each(writes)('ends %s at a safe point', async (command, port, image, state) => {
    const args = [command, '--port', port, '--image', file(image)];
    const { exitCode, last } = await signalledAt(['SIGHUP'], /"progress".*"write"/, ...args);
    expect(last).toMatchObject({ type: 'error', code: 'cancelled', state });
    expect(exitCode).toBe(130);
  });

  it('is not a second Ctrl-C, however often it comes, and beside a SIGTERM', async () => {
    const signals = ['SIGHUP', 'SIGTERM', 'SIGHUP'] as const;
    const args = ['install-klipper', '--port', '1-2', '--image', file('klipper.bin')];
    const { exitCode, last } = await signalledAt(signals, /"progress".*"write"/, ...args);
    expect(last).toMatchObject({ type: 'error', code: 'cancelled', state: 'katapult-partial' });
    expect(exitCode).toBe(130);
  });

  it('ends "serve" as Ctrl-C does', async () => {
    const args = ['serve', '--listen', '127.0.0.1:0', '--data', file('served')];
    expect(await signalledAt(['SIGHUP'], /"link"/, ...args)).toMatchObject({ exitCode: 0 });
  });

  it('takes its output away, and the write still ends at a safe point and is on record', async () => {
    const write = ['install-klipper', '--port', '1-2', '--image', file('klipper.bin')];
    const options = ['--sim', file('bench.json'), '--data', file('hung-up')];
    const exitCode = await runUntilHangUp('Writing', [process.execPath, cli, ...write, ...options]);
    // As a program ends whose terminal is gone: by SIGHUP, not by a crash of Node.js.
    expect(exitCode).toBe(-1);
    const history = spawn(process.execPath, [
      ...[cli, 'history', '--virtual', '--json', '--data', file('hung-up')],
    ]);
    const [run] = (await text(history.stdout)).split('\n');
    expect(JSON.parse(run ?? '')).toMatchObject({
      status: 'cancelled',
      state: 'katapult-partial',
      error: { code: 'cancelled' },
    });
  });
});
