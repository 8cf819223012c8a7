import { placeWords } from '../../../app/place.ts';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { BackupRecord } from '../../../app/backups/backup-record.ts';
import { chipNames } from '../../../app/boards/chip-identity.ts';
import { parseBoardCode } from '../../../app/history/board-code.ts';
import type { CliContext } from './context.ts';
import { withDataOptions, type DataOptions } from './station-options.ts';
import { minuteText } from './minute-text.ts';
import { onStation } from './on-station.ts';

interface BackupsOptions extends DataOptions {
  readonly board?: string;
}

/** `canopus backups`: the backups of boards. */
export function registerBackups(program: Command, context: CliContext): void {
  withDataOptions(program.command('backups'))
    .description(
      'list what flash held before it was written, the latest first; "canopus restore" puts it back',
    )
    .option('--board <code>', "of one board: its UID, canbus_uuid or its label's code")
    .action((options: BackupsOptions) =>
      onStation(context, options, async (io, client) => {
        const wanted = options.board === undefined ? null : parseBoardCode(options.board).canbusUuid;
        const { backups, damaged, folder } = await client.call('backups.list', { uid: null });
        const shown = backups.filter(({ uid }) => wanted === null || chipNames(uid).canbusUuid === wanted);
        for (const record of shown) {
          const path = record.file ?? join(folder, `${record.id}.bin`);
          io.emit({ type: 'backup', ...record, path }, () => line(record));
          io.print(`      ${path}`);
        }
        if (shown.length === 0) io.print('There is no backup yet: "--backup" of "canopus flash" takes one.');
        for (const id of damaged) io.print(`The record of the backup ${id} is damaged.`);
        return { shown: shown.length, damaged };
      }),
    );
}

function line({ id, at, flashBytes, uid, place, presetId, variantId, virtual }: BackupRecord): string {
  const preset = presetId === null ? '' : `${presetId}${variantId === null ? '' : `:${variantId}`}`;
  return [
    id,
    minuteText(at),
    `${flashBytes / 1024} KiB`.padStart(8),
    (uid ?? 'UID unknown').padEnd(24),
    placeWords(place).padEnd(10),
    preset,
    virtual ? 'virtual' : '',
  ]
    .join('  ')
    .trimEnd();
}
