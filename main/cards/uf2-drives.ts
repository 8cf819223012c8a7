import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { chipOfUf2Drive, uf2InfoFile } from '../../app/cards/uf2-drive.ts';
import { throwIfCancelled } from '../../app/cancelled.ts';
import { CanopusError } from '../../app/errors.ts';
import type { RpMcu } from '../../app/mcu/rp-boot.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { systemErrorCode } from '../files/file-errors.ts';
import type { CardDrives, Drive } from './card-drives.ts';

/** The drive of a board in BOOTSEL. */
export interface Uf2Drive {
  readonly drive: Drive;
  readonly mcu: RpMcu;
}

const mostInfoBytes = 4096;

/** The chip whose boot ROM offers this drive; null for an SD card or a stick. */
export async function uf2ChipOf({ path }: Pick<Drive, 'path'>): Promise<RpMcu | null> {
  try {
    await using file = await open(join(path, uf2InfoFile), 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostInfoBytes), 0, mostInfoBytes, 0);
    return chipOfUf2Drive(buffer.subarray(0, bytesRead).toString('latin1'));
  } catch {
    // Gone, or another drive.
    return null;
  }
}

/** Throws `card/unlisted`. */
export async function listUf2Drives(drives: CardDrives, signal?: AbortSignal): Promise<readonly Uf2Drive[]> {
  const found: Uf2Drive[] = [];
  for (const drive of await drives.list(signal)) {
    if (!drive.isRemovable) continue;
    const mcu = await uf2ChipOf(drive);
    if (mcu !== null) found.push({ drive, mcu });
  }
  return found;
}

interface Uf2Order {
  readonly drive: Drive;
  readonly bytes: Uint8Array;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** A boot ROM takes its last block, writes it and restarts within a second; the system notices a moment later. */
const patienceMs = 20_000;
const lookMs = 250;

/**
 * Copies a UF2 file to the drive of a boot ROM, which writes each block to flash as it comes and takes the drive away
 * after the last: that is the only sign that it has taken the file, and an error of the system then means nothing. Throws
 * `uf2/not-taken`, `bootsel-partial`, if the drive stays.
 */
export async function writeUf2Drive(
  drives: CardDrives,
  { drive, bytes, clock, signal }: Uf2Order,
): Promise<void> {
  throwIfCancelled(signal);
  const problem = await copy(join(drive.path, 'CANOPUS.UF2'), bytes);
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    if (!(await drives.list()).some(({ id }) => id === drive.id)) return;
    if (waitedMs >= patienceMs || problem === 'ENOSPC' || problem === 'EROFS' || problem === 'EACCES') break;
    await clock.sleep(lookMs);
  }
  const why = problem === null ? 'it keeps its drive' : `the system reported ${problem}`;
  const message = `The boot ROM at ${drive.path} did not take the file: ${why}.`;
  throw new CanopusError(
    'uf2/not-taken',
    message,
    { path: drive.path, reason: problem ?? 'stays' },
    { state: 'bootsel-partial' },
  );
}

/** The name of the error that the system reported; null for none. */
async function copy(path: string, bytes: Uint8Array): Promise<string | null> {
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    return systemErrorCode(error) ?? 'unknown';
  }
}
