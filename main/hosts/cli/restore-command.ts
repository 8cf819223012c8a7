import { resolve } from 'node:path';
import type { Command } from 'commander';
import { isBackupId } from '../../../app/backups/backup-record.ts';
import type { StationClient, StationInput, StationOutput } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { placeLabel, placeWords } from '../../../app/place.ts';
import { ask } from './ask.ts';
import { onBoardsOf, withPiOptions, type BoardChoice } from './board-on-pi.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { portOf, type FlashCommandOptions } from './flash-options.ts';
import { minuteText } from './minute-text.ts';
import { onStation } from './on-station.ts';
import { withStationOptions } from './station-options.ts';
import { parsePlaceName, parsePort, placeOption, portOption, requireBoard } from './port-argument.ts';

interface RestoreOptions extends Omit<FlashCommandOptions, 'preset'> {
  readonly backup: string;
  readonly confirmBoard?: string;
}

/** `canopus restore`: restores a board's flash from a backup. */
export function registerRestore(program: Command, context: CliContext): void {
  const command = withStationOptions(program.command('restore'))
    .description(
      'put a backup of the whole flash back through the ROM DFU of its board, and read it all back',
    )
    .option(...portOption, parsePort)
    .option(...placeOption, parsePlaceName)
    .requiredOption('--backup <backup>', 'an id, as "canopus backups" prints it, or a file')
    .option(
      '--confirm-board <label>',
      "where the chip does not tell who it is: the UID or canbus_uuid on the board's label, or the backup's id where it has no UID",
    )
    .option('--operator <name>', 'who does it, for the history (default: as the settings have it)');
  withPiOptions(command).action((options: RestoreOptions) =>
    onStation(context, { ...options, target: 'board' }, (io, client) =>
      onBoardsOf(io, client, onPort(options), (choice) => restore(io, client, options, choice)),
    ),
  );
}

/** Either option for where the board is, as a port. */
function onPort(options: RestoreOptions): RestoreOptions {
  const port = portOf(options);
  return port === undefined ? options : { ...options, port };
}

async function restore(
  io: CliIo,
  client: StationClient,
  options: RestoreOptions,
  choice: BoardChoice,
): Promise<CliReport> {
  const { followFlash } = await import('./follow-flash.ts');
  const source = sourceOf(options.backup);
  io.print(describe(await client.call('backups.inspect', source)));
  const place = await requireBoard(io, client, choice, ['dfu']);
  const label = await confirmedBy(options.confirmBoard ?? null, (said) =>
    client.call('backups.check', { place, ...source, label: said }, io),
  );
  const order = { place, ...source, label, operator: options.operator ?? null };
  const { jobId } = await client.call('backups.restore', order);
  const { kind: _, ...report } = await followFlash(io, client, jobId, 'restore');
  io.print(
    report.outcome === 'unchanged'
      ? '\nFlash held every byte of the backup already; nothing was erased.'
      : '\nThe backup is restored, and every byte was read back. Now power off, BOOT0 off, power on.',
  );
  return { port: placeLabel(report.place), ...report };
}

/**
 * What confirms that this is the board of the backup: what `--confirm-board` said, or what is typed here if the chip
 * does not say who it is. Throws what `check` throws, before a run is begun.
 */
async function confirmedBy(
  said: string | null,
  check: (label: string | null) => Promise<unknown>,
): Promise<string | null> {
  try {
    await check(said);
    return said;
  } catch (error) {
    if (said !== null || !isCanopusError(error, 'backup/not-confirmed')) throw error;
    const isByName = error.details['confirmBy'] === 'name';
    const typed = await ask(isByName ? "The backup's name, if this is its board: " : askForLabel);
    if (typed === null) throw error;
    await check(typed);
    return typed;
  }
}

const askForLabel = "UID or canbus_uuid on the board's label: ";

type Source = StationInput<'backups.inspect'>;

/** By id, else as a file. */
function sourceOf(reference: string): Source {
  if (isBackupId(reference)) return { backupId: reference, file: null };
  return { backupId: null, file: resolve(reference) };
}

function describe({ name, flashBytes, record }: StationOutput<'backups.inspect'>): string {
  const size = `${flashBytes / 1024} KiB`;
  if (record === null) return `${name}, ${size}; nothing is on record of it.`;
  const chip = record.uid === null ? 'of a chip that did not tell its UID' : `of the chip ${record.uid}`;
  return `Backup ${name}, ${size}, ${chip}, taken ${minuteText(record.at)} UTC on ${placeWords(record.place)}.`;
}
