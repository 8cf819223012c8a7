import { placeLabel, placeWords } from '../../../app/place.ts';
import type { Command } from 'commander';
import { isBackupId } from '../../../app/backups/backup-record.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { BackupStore, LoadedBackup } from '../../backups/backup-store.ts';
import { ask } from './ask.ts';
import { openBackups } from './backup-option.ts';
import type { CliContext } from './context.ts';
import {
  parsePort,
  portOption,
  withRecord,
  withServices,
  type FlashCommandOptions,
} from './flash-options.ts';
import { requireBoard } from './port-argument.ts';
import { progressPrinter } from './show-progress.ts';

interface RestoreOptions extends Omit<FlashCommandOptions, 'preset'> {
  readonly backup: string;
  readonly confirmBoard?: string;
}

/** `canopus restore`: restores a board's flash from a backup. */
export function registerRestore(program: Command, context: CliContext): void {
  program
    .command('restore')
    .description(
      'put a backup of the whole flash back through the ROM DFU of its board, and read it all back',
    )
    .option(...portOption, parsePort)
    .requiredOption('--backup <backup>', 'an id, as "canopus backups" prints it, or a file')
    .option(
      '--confirm-board <label>',
      "where the chip does not tell who it is: the UID or canbus_uuid on the board's label, or the backup's id where it has no UID",
    )
    .option('--sim <bench.json>', 'virtual boards instead of USB')
    .option('--data <folder>', 'keep backups and history here instead of in the user folders')
    .option('--operator <name>', 'who does it, for the history (default: as the settings have it)')
    .option('--json', 'print JSON')
    .action((options: RestoreOptions) =>
      context.run({ ...options, target: 'board' }, async (io) => {
        const { restoreBoard } = await import('../../jobs/restore-board.ts');
        const store = await openBackups(options.data);
        const backup = await loadBackup(store, options.backup);
        io.print(describe(backup));
        const { record } = backup;
        const plan = {
          kind: 'restore',
          images: { bootloader: null, application: null },
          backupId: backup.name,
          board: record?.presetId ? { presetId: record.presetId, variantId: record.variantId } : null,
        } as const;
        return withServices(io, options.sim, async (services) => {
          const { place } = requireBoard(io, services.watch, options.port, ['dfu']);
          const show = progressPrinter(io, services.clock);
          const report = await withRecord(
            io,
            services.clock,
            { ...options, port: place },
            plan,
            show,
            (onEvent) =>
              restoreBoard(services, {
                place,
                backup,
                askLabel: async () =>
                  options.confirmBoard ??
                  (await ask("UID or canbus_uuid on the board's label (or the backup's id): ")),
                signal: io.signal,
                onEvent,
              }),
          );
          io.print(
            report.outcome === 'unchanged'
              ? '\nFlash held every byte of the backup already; nothing was erased.'
              : '\nFlash is as it was, and every byte was read back. Now power off, BOOT0 off, power on.',
          );
          const { place: restored, ...rest } = report;
          return { port: placeLabel(restored), ...rest };
        });
      }),
    );
}

/** By id, or else as a file. Throws as `BackupStore.load` and `loadFile` do. */
async function loadBackup(store: BackupStore, reference: string): Promise<LoadedBackup> {
  try {
    return await store.load(reference);
  } catch (error) {
    if (!isCanopusError(error, 'backup/unknown') || isBackupId(reference)) throw error;
    return await store.loadFile(reference);
  }
}

function describe({ name, bytes, record }: LoadedBackup): string {
  const size = `${bytes.length / 1024} KiB`;
  if (record === null) return `${name}, ${size}; nothing is on record of it.`;
  const chip = record.uid === null ? 'of a chip that did not tell its UID' : `of the chip ${record.uid}`;
  return `Backup ${name}, ${size}, ${chip}, taken ${record.at.slice(0, 16).replace('T', ' ')} UTC on ${placeWords(record.place)}.`;
}
