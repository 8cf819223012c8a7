import { type PlaceId, readPlace } from '../../../app/place.ts';
import { InvalidArgumentError, type Command } from 'commander';
import {
  confirmedBoard,
  expectationOf,
  unknownBoard,
  type BoardExpectation,
} from '../../../app/image/board-expectation.ts';
import { DeviceWatch } from '../../jobs/device-watch.ts';
import type { FlashBoardEvent } from '../../jobs/board-event.ts';
import type { JobServices } from '../../jobs/job-services.ts';
import type { Phase } from '../../../app/flash/flash-event.ts';
import type { BoardIdentity } from '../../../app/boards/canbus-uuid-source.ts';
import type { recordRun as RecordRun, RunPlan } from '../../jobs/run-recorder.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { confirmationsOf, type ConfirmationOptions } from './confirmation-options.ts';
import type { CliIo } from './context.ts';
import { keptSettings } from './kept-settings.ts';

export interface FlashCommandOptions {
  /** Default: the only board that fits. */
  readonly port?: PlaceId;
  readonly preset?: string;
  readonly sim?: string;
  readonly data?: string;
  readonly operator?: string;
  readonly json?: boolean;
}

/** Called with the port, once it is known which board is meant. */
export type ChosenBoardOptions = FlashCommandOptions & { readonly port: PlaceId };

/** How to name a preset, for the help of every command that takes one. */
export const presetHelp = 'the board with its chip, ID:VARIANT as "canopus presets" lists it: octopus:f446';

/** For every command that works on a board. */
export const portOption = [
  '--port <port>',
  'the USB port, as "canopus boards" prints it (default: the only board that fits)',
] as const;

export function parsePort(text: string): PlaceId {
  const place = readPlace(text);
  if (place === null)
    throw new InvalidArgumentError('must be a USB port as "canopus boards" prints it: 1-4.2');
  return place;
}

/** Options of every command that writes to a board. */
export function withFlashOptions(command: Command, preset: 'needed' | 'optional' = 'optional'): Command {
  const flags = ['--preset <id>', presetHelp] as const;
  const named = preset === 'needed' ? command.requiredOption(...flags) : command.option(...flags);
  return named
    .option(...portOption, parsePort)
    .option('--sim <bench.json>', 'virtual boards instead of USB')
    .option('--data <folder>', 'keep cache, history, flows and log here instead of in the user folders')
    .option('--operator <name>', 'who does it, for the history (default: as the settings have it)')
    .option('--json', 'print JSON');
}

/**
 * What an image must fit, from the preset and the person's confirmations; for an unnamed board nothing else is known.
 * Throws `preset/…` and `chip/bad-marking`.
 */
export async function expectedBoard({
  preset,
  ...confirming
}: ConfirmationOptions & { readonly preset?: string }): Promise<BoardExpectation> {
  const confirmations = confirmationsOf(confirming);
  if (preset === undefined) return confirmedBoard(unknownBoard, confirmations);
  const { loadPresets } = await import('../../presets.ts');
  const { findPreset } = await import('../../../app/boards/preset.ts');
  return confirmedBoard(expectationOf(findPreset(await loadPresets(), preset)), confirmations);
}

/**
 * Prints the preset's warnings. Throws `preset/hazards-not-confirmed` if one must be confirmed and was not: a terminal
 * has no box to tick.
 */
export async function requireSafeBoard(
  io: CliIo,
  { preset: reference, confirmHazards = false }: ConfirmationOptions & { readonly preset?: string },
): Promise<void> {
  if (reference === undefined) return;
  const [{ loadPresets }, { findPreset }, { describeHazard, requireHazardsConfirmed }] = await Promise.all([
    import('../../presets.ts'),
    import('../../../app/boards/preset.ts'),
    import('../../../app/boards/hazards.ts'),
  ]);
  const { preset } = findPreset(await loadPresets(), reference);
  requireHazardsConfirmed(preset, confirmHazards);
  for (const hazard of preset.hazards.value ?? []) {
    const text = describeHazard(hazard);
    io.emit({ type: 'note', text }, () => `Warning: ${text}`);
  }
}

/** The board of `--preset` for the history; its variant only if that was named, or is the only one. */
export async function recordedBoard(reference: string | undefined): Promise<RunPlan['board']> {
  if (reference === undefined) return null;
  const { loadPresets } = await import('../../presets.ts');
  const { findPreset } = await import('../../../app/boards/preset.ts');
  const { preset, variants } = findPreset(await loadPresets(), reference);
  return { presetId: preset.id, variantId: variants.length === 1 ? (variants[0]?.id ?? null) : null };
}

/** Opens the history of this user, or of a data folder, and records the work on a board there. */
export async function withRecord<R extends BoardIdentity>(
  io: CliIo,
  clock: Clock,
  options: ChosenBoardOptions,
  plan: Pick<RunPlan, 'kind' | 'images' | 'uid' | 'backupId'> & Partial<Pick<RunPlan, 'board'>>,
  onEvent: (event: FlashBoardEvent) => void,
  work: Parameters<typeof RecordRun<R>>[3],
): Promise<R> {
  const [{ openHistoryIfPossible }, { recordRun }, { dataFolders }] = await Promise.all([
    import('../../history/history-access.ts'),
    import('../../jobs/run-recorder.ts'),
    import('../../station/data-folders.ts'),
  ]);
  const folder = dataFolders(options.data).data;
  using history = await openHistoryIfPossible({ folder, clock }, ({ message }) =>
    onEvent({ type: 'note', text: `There will be no record of this: ${message}` }),
  );
  const whole: RunPlan = {
    ...plan,
    place: options.port,
    board: plan.board ?? (await recordedBoard(options.preset)),
    operator: options.operator ?? ((await keptSettings(options.data)).operator || null),
    isVirtual: options.sim !== undefined,
  };
  const tell = (event: FlashBoardEvent): void => {
    // A flasher's own errors say it better; from here on none may claim that nothing was changed.
    if (event.type === 'phase' && changes.includes(event.phase)) io.leaves('unknown');
    onEvent(event);
  };
  return await recordRun(history.recorder, whole, tell, work);
}

/** The phases that change what flash holds. */
const changes: readonly Phase[] = ['unprotect', 'erase', 'write'];

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
