import { chipNames } from '../../app/boards/chip-identity.ts';
import { type PlaceId, placeWords } from '../../app/place.ts';
import { checkBoard, type BackedUpChip } from '../../app/backups/check-board.ts';
import { boardMode } from '../../app/boards/board-mode.ts';
import { modeWords } from '../../app/words.ts';
import { readRestoreTarget, restoreWithDfu, type RestoreReport } from '../../app/flash/dfu-restore.ts';
import { followRun } from '../../app/flash/follow-run.ts';
import type { LoadedBackup } from '../backups/backup-store.ts';
import type { FlashBoardEvent } from './board-event.ts';
import type { JobServices } from './job-services.ts';
import { openBoardUsb } from './open-board.ts';
import { nothingAt, wrongDevice, wrongMode } from './wrong-device.ts';

interface RestoreBoardOptions {
  readonly place: PlaceId;
  readonly backup: LoadedBackup;
  /** What a person read off the board's label, if the chip does not identify itself; see `checkBoard`. */
  readonly askLabel: () => Promise<string | null>;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: FlashBoardEvent) => void;
}

export interface RestoreBoardReport extends Pick<
  RestoreReport,
  'outcome' | 'bytesVerified' | 'sectorsErased' | 'isStarted'
> {
  readonly place: PlaceId;
  /** Its id, or the name of a file that is not on record. */
  readonly backupId: string;
  /** The chip's UID: from its ROM, or confirmed by the person; null if neither. */
  readonly uid: string | null;
}

/**
 * Makes all of a chip's flash match a backup of it, through the ROM DFU of the board on a port. Throws as
 * `restoreWithDfu` and `checkBoard` do, and `device/not-found` and `device/wrong-mode`.
 */
export async function restoreBoard(
  services: JobServices,
  options: RestoreBoardOptions,
): Promise<RestoreBoardReport> {
  const { place, backup, signal, onEvent } = options;
  const dfuSerial = requireDfu(services, place);
  onEvent({ type: 'step', step: 'restore', place });
  let uid: string | null = null;
  const see = (): void =>
    onEvent({
      type: 'seen',
      mode: 'dfu',
      place,
      ...chipNames(uid),
      tty: null,
    });
  see();
  await using link = await openBoardUsb(services, place);
  const run = restoreWithDfu(link, backup.bytes, {
    clock: services.clock,
    signal,
    checkTarget: async (target) => {
      const { record, name } = backup;
      const chip = chipOf(backup);
      const proof = await checkBoard(chip, { uid: target.uid, dfuSerial }, options.askLabel);
      uid = target.uid ?? chip.uid;
      if (uid !== null) see();
      if (proof === 'person')
        onEvent({ type: 'note', text: 'A person confirmed that this is the board of the backup.' });
      if (record === null)
        onEvent({ type: 'note', text: `There is no record of ${name}: only its size was checked.` });
    },
  });
  const { outcome, bytesVerified, sectorsErased, isStarted } = await followRun(run, onEvent);
  if (!isStarted)
    onEvent({ type: 'note', text: 'Nothing in this backup can be started: the board stays in DFU.' });
  onEvent({ type: 'step', step: 'done', place });
  return { place, backupId: backup.name, uid, outcome, bytesVerified, sectorsErased, isStarted };
}

/** Throws what `restoreBoard` would throw before its first erase. Only reads. */
export async function checkRestore(
  services: JobServices,
  { place, backup, askLabel, signal }: Omit<RestoreBoardOptions, 'onEvent'>,
): Promise<void> {
  const dfuSerial = requireDfu(services, place);
  await using link = await openBoardUsb(services, place);
  const run = readRestoreTarget(link, backup.bytes, { clock: services.clock, signal });
  const { uid } = await followRun(run, () => undefined);
  await checkBoard(chipOf(backup), { uid, dfuSerial }, askLabel);
}

function chipOf({ record, name }: LoadedBackup): BackedUpChip {
  return { name, uid: record?.uid ?? null, dfuSerial: record?.dfuSerial ?? null };
}

/** The serial number that the ROM on a port shows. */
function requireDfu({ watch }: JobServices, place: PlaceId): string | null {
  const device = watch.at(place)?.device;
  const state = 'untouched';
  if (device === undefined) throw nothingAt(place, { state });
  const mode = boardMode(device);
  if (mode === 'dfu') return device.serialNumber;
  if (mode === 'unknown') throw wrongDevice(device, place, state);
  throw wrongMode(`On ${placeWords(place)}: ${modeWords[mode]}. Only ROM DFU writes all of flash.`, {
    ...{ place, mode, wanted: 'dfu', state },
  });
}
