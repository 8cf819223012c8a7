import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchInput } from '../../../../main/sim/bench-config.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus, type CommandResult } from './command-line.ts';

const uid = '430014000A50534E4E313120';
const mcu = 'stm32f446xx';

let folder: string;
const file = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-windows-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const katapult = { address: '0x08000000', file: 'katapult.bin' } as const;
const bridge = [katapult, { address: '0x08008000', file: 'klipper.bin' } as const];

async function onWindows(
  boards: BenchInput['boards'],
  args: readonly string[],
  more: Partial<BenchInput> = {},
): Promise<CommandResult> {
  const bench: BenchInput = { timeScale: 0, boards, seenAs: { system: 'win32' }, ...more };
  await writeFile(file('bench.json'), JSON.stringify(bench));
  return canopus(...args, '--sim', file('bench.json'));
}

const flash = [
  ...['flash', '--preset', 'octopus:f446', '--port', '1-1', '--wait', '1'],
  ...['--katapult'],
] as const;
const flashArgs = (): string[] => [...flash, file('katapult.bin'), '--klipper', file('klipper.bin')];

describe('canopus on Windows', () => {
  it('lists a bridge without a driver with its UID, and the way on that needs none', async () => {
    const { stdout } = await onWindows([{ id: 'a', mcu, uid, port: '1-1', flash: bridge }], ['boards']);
    expect(stdout).toContain('can-bridge');
    expect(stdout).toContain('canbus_uuid 6beb0175188a');
    expect(stdout).toContain('no driver: press reset twice');
  });

  it('is done with a board in Katapult, whose bridge it cannot open', async () => {
    const result = await onWindows(
      [{ id: 'a', mcu, uid, port: '1-1', flash: [katapult] }],
      [...flashArgs(), '--json'],
    );
    expect(result.events.at(-1)).toMatchObject({ type: 'report', uid, canbusUuid: '6beb0175188a' });
    expect(result.exitCode).toBe(0);
  });

  it('names a running bridge that it cannot open, with both ways on and the state', async () => {
    const boards: BenchInput['boards'] = [{ id: 'a', mcu, uid, port: '1-1', flash: bridge }];
    const { events, exitCode } = await onWindows(boards, [...flashArgs(), '--json']);
    expect(events.filter(({ type }) => type === 'ask')).toMatchObject([{ ask: 'double-tap' }]);
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'error', code: 'katapult/bridge-no-driver', state: 'untouched' },
      next: expect.stringMatching(/twice.*WinUSB/s) as string,
    });
    expect(exitCode).toBe(3);
  });

  it("names ST's driver, and what replaces it, for a board in DFU", async () => {
    const board = { id: 'a', mcu, uid, port: '1-1', boot0: true } as const;
    const { stderr, exitCode } = await onWindows([board], flashArgs(), {
      seenAs: { system: 'win32', drivers: { dfu: 'st' } },
    });
    expect(stderr).toContain("ST's own driver (STTub30)");
    expect(stderr).toContain('replace the driver of "STM32 BOOTLOADER" with WinUSB');
    expect(exitCode).toBe(5);
  });

  it('never says udev', async () => {
    const board = { id: 'a', mcu, uid, port: '1-1', boot0: true } as const;
    const drivers = { dfu: 'none' } as const;
    const { stderr } = await onWindows([board], flashArgs(), { seenAs: { system: 'win32', drivers } });
    expect(stderr).not.toContain('udev');
    expect(stderr).toContain('no driver');
  });
});

describe('canopus with something else plugged in', () => {
  it('names it in the list of boards, and refuses it by what it is', async () => {
    const foreign = [
      { kind: 'gd32-dfu', port: '1-1' },
      { kind: 'maple-boot', port: '1-2' },
      { kind: 'mouse', port: '1-3' },
    ] as const;
    for (const seenAs of [undefined, { system: 'win32' }, { system: 'darwin' }] as const) {
      const more = { foreign: [...foreign], seenAs };
      const { stdout } = await onWindows([], ['boards'], more);
      expect(stdout).toContain('GD32');
      expect(stdout).toContain('Maple');
      expect(stdout).not.toContain('046d');
      const { events, exitCode } = await onWindows([], [...flashArgs(), '--json'], more);
      expect(events.at(-1)).toMatchObject({
        ...{ code: 'device/wrong-mode', state: 'untouched' },
        message: expect.stringContaining('GD32') as string,
      });
      expect(exitCode).toBe(4);
    }
  });
});
