import type { Command } from 'commander';
import { unknownBoard, expectationOf, type BoardExpectation } from '../../../app/image/board-expectation.ts';
import { DeviceWatch } from '../../jobs/device-watch.ts';
import type { JobServices } from '../../jobs/job-services.ts';
import type { CliIo } from './context.ts';

export interface FlashCommandOptions {
  readonly port: string;
  readonly preset?: string;
  readonly sim?: string;
  readonly json?: boolean;
}

/** Options that every command which writes to a board has. */
export function withFlashOptions(command: Command, preset: 'needed' | 'optional' = 'optional'): Command {
  const flags = ['--preset <id>', 'the board, as "canopus presets" lists it'] as const;
  const named = preset === 'needed' ? command.requiredOption(...flags) : command.option(...flags);
  return named
    .requiredOption('--port <port>', 'the USB port path, as "canopus boards" prints it')
    .option('--sim <bench.json>', 'virtual boards instead of USB')
    .option('--json', 'print JSON');
}

/** What the preset says an image must fit; of an unnamed board nothing is known. Throws `preset/…`. */
export async function expectedBoard(reference: string | undefined): Promise<BoardExpectation> {
  if (reference === undefined) return unknownBoard;
  const { loadPresets } = await import('../../presets.ts');
  const { findPreset } = await import('../../../app/boards/preset.ts');
  return expectationOf(findPreset(await loadPresets(), reference));
}

/** Opens the devices and keeps watching them while `work` runs. */
export async function withServices<T>(
  io: CliIo,
  sim: string | undefined,
  work: (services: JobServices) => Promise<T>,
): Promise<T> {
  const { devices, clock } = await io.station({ sim });
  using watch = await DeviceWatch.open(devices, clock);
  const explain = (): void => io.print('\nStopping at a safe point; Ctrl-C again stops at once.');
  io.signal.addEventListener('abort', explain, { once: true });
  try {
    return await work({ devices, clock, watch });
  } finally {
    io.signal.removeEventListener('abort', explain);
  }
}
