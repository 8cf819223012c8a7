import { chipNames } from '../boards/chip-identity.ts';
import { dfuSerialFits } from '../boards/board-mode.ts';
import { CanopusError } from '../errors.ts';
import { parseBoardCode } from '../history/board-code.ts';
import type { BackupRecord } from './backup-record.ts';

/** The facts in the backup about its chip. */
export type BackedUpChip = Pick<BackupRecord, 'uid' | 'dfuSerial'> & {
  /** Its name for people: its id, or the name of a file that is not on record. */
  readonly name: string;
};

/** The chip in ROM DFU that should get it. */
export interface FoundChip {
  /** 24 upper-case hex digits; null if the ROM does not report it. */
  readonly uid: string | null;
  /** As the ROM shows it on USB. */
  readonly dfuSerial: string | null;
}

/** What proves that the chip is the one of the backup: its ROM, or a person who read the label. */
type ChipProof = 'rom' | 'person';

/**
 * Whether a chip is the one that a backup was made from. `askLabel` is called only if the chip does not say; it returns
 * what a person read off the board's label (UID, canbus_uuid, or the label's code), or, for a backup whose chip is not
 * on record, the backup's name; null if not confirmed.
 *
 * Throws `backup/wrong-chip`, `backup/not-confirmed` and, for an invalid label, `uid/invalid`; nothing was written.
 */
export async function checkBoard(
  backup: BackedUpChip,
  found: FoundChip,
  askLabel: () => Promise<string | null>,
): Promise<ChipProof> {
  if (backup.uid !== null && found.uid !== null) {
    if (backup.uid !== found.uid) throw wrongChip(backup, `the chip here is ${found.uid}`);
    return 'rom';
  }
  refuseOtherSerial(backup, found);
  const label = (await askLabel())?.trim() ?? '';
  if (label === '') throw notConfirmed(backup);
  if (backup.uid === null && label === backup.name) return 'person';
  const named = parseBoardCode(label);
  if (backup.uid !== null) {
    if (named.canbusUuid !== chipNames(backup.uid).canbusUuid)
      throw wrongChip(backup, `the label says ${label}`);
    return 'person';
  }
  // A person names the chip of the backup; it must match what this chip reports.
  if (found.uid === null) throw notConfirmed(backup);
  if (named.canbusUuid !== chipNames(found.uid).canbusUuid)
    throw wrongChip(backup, `the chip here is ${found.uid}`);
  return 'person';
}

/** The ROM's serial number proves no identity, but it proves a difference if it is made from the UID. */
function refuseOtherSerial(backup: BackedUpChip, { dfuSerial }: FoundChip): void {
  const differs = backup.dfuSerial !== null && dfuSerial !== null && backup.dfuSerial !== dfuSerial;
  const contradicts = backup.uid !== null && dfuSerialFits(dfuSerial, backup.uid) === false;
  if (differs || contradicts) {
    throw wrongChip(
      backup,
      `the chip here has the serial number ${dfuSerial ?? ''} in DFU, which belongs to another chip`,
    );
  }
}

function wrongChip({ name, uid }: BackedUpChip, why: string): CanopusError {
  const chip = uid === null ? 'another chip' : `the chip ${uid}`;
  return new CanopusError(
    'backup/wrong-chip',
    `The backup ${name} is of ${chip}: ${why}.`,
    { backup: name, uid },
    { state: 'untouched' },
  );
}

function notConfirmed({ name, uid }: BackedUpChip): CanopusError {
  const message =
    uid === null
      ? `The chip of the backup ${name} never reported its UID, so only a person can say that this is its board: confirm the name of the backup.`
      : `The backup ${name} is of the chip ${uid}, and the ROM of the chip here does not report its UID: confirm the UID or canbus_uuid that its label shows.`;
  return new CanopusError(
    'backup/not-confirmed',
    message,
    { backup: name, uid, confirmBy: uid === null ? 'name' : 'label' },
    { state: 'untouched' },
  );
}
