import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Card } from '../../app/cards/card.ts';
import { cardProblem } from '../../app/cards/check-card.ts';
import { throwIfCancelled } from '../../app/cancelled.ts';
import { CanopusError, type ErrorCode } from '../../app/errors.ts';
import { syncFolder } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import type { CardDrives, Drive } from './card-drives.ts';
import { readPastCache } from './read-past-cache.ts';

interface CardOrder {
  /** The id of the card that was chosen. */
  readonly card: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

interface WrittenCard {
  readonly path: string;
  readonly isReadFromCard: boolean;
  readonly isEjected: boolean;
}

/**
 * Puts one file onto a card: under another name, synced, renamed, read back and compared, then ejected where the system
 * has a program for it. The drive is looked up anew before anything is written. Throws `card/…`; the old file of that
 * name is then still there, or the message says that the new one is wrong.
 */
export async function writeToCard(drives: CardDrives, order: CardOrder): Promise<WrittenCard> {
  const { bytes, fileName, signal } = order;
  const card = await requireCard(drives, order.card, signal);
  const problem = cardProblem(card, bytes.length);
  if (problem !== null) throw problem;
  const path = join(card.path, fileName);
  try {
    await writeWhole(drives, card, path, order);
    const back = await readPastCache(path, bytes.length);
    if (!Buffer.from(back.bytes).equals(bytes)) throw await differs(card, path);
    return { path, isReadFromCard: back.isFromMedium, isEjected: await eject(drives, card, signal) };
  } catch (error) {
    throw await toCardError(drives, card, error);
  }
}

/** The card with this id. Throws `card/gone`, and `card/not-removable` if it has become a fixed disk. */
async function requireCard(drives: CardDrives, id: string, signal?: AbortSignal): Promise<Drive> {
  const drive = (await drives.list(signal)).find((each) => each.id === id);
  if (drive === undefined)
    throw refusal('card/gone', 'The chosen card is not in this computer any more.', {});
  if (drive.isRemovable) return drive;
  throw refusal('card/not-removable', `${drive.path} is on a fixed disk of this computer.`, {
    path: drive.path,
  });
}

async function writeWhole(
  drives: CardDrives,
  card: Drive,
  path: string,
  { bytes, signal }: CardOrder,
): Promise<void> {
  const temporary = `${path}.${randomBytes(3).toString('hex')}.tmp`;
  const { dev } = await stat(card.path);
  await requireCard(drives, card.id, signal);
  try {
    // No mode: FAT has none, and refuses to be given one.
    const file = await open(temporary, 'wx');
    try {
      // Where the card is mounted there is still a folder after it was pulled, on a disk of this computer.
      if ((await file.stat()).dev !== dev) throw gone(card);
      await file.writeFile(bytes, signal ? { signal } : {});
      await file.sync();
    } finally {
      await file.close();
    }
    throwIfCancelled(signal);
    await rename(temporary, path);
    await syncFolder(card.path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A wrong file must not get into a board; that it could not be removed is said, too. */
async function differs({ path: card }: Card, path: string): Promise<CanopusError> {
  const isRemoved = await rm(path).then(
    () => true,
    () => false,
  );
  const message = `What is read back from ${path} differs from what was written. ${isRemoved ? 'The file was removed.' : 'The file could not be removed.'}`;
  return refusal('card/read-back-differs', message, { path: card });
}

/** Only the next list shows it: a system may refuse, or have no program for it. */
async function eject(drives: CardDrives, card: Drive, signal?: AbortSignal): Promise<boolean> {
  try {
    await drives.eject(card, signal);
    return !(await drives.list(signal)).some(({ id }) => id === card.id);
  } catch {
    return false;
  }
}

const meanings: Readonly<Record<string, { readonly code: ErrorCode; readonly text: string }>> = {
  ENOSPC: { code: 'card/full', text: 'became full' },
  EROFS: { code: 'card/read-only', text: 'is write-protected' },
  EACCES: { code: 'card/no-access', text: 'does not let this user write' },
  EPERM: { code: 'card/no-access', text: 'does not let this user write' },
};

/** A card that is not listed any more was pulled, whatever the system said of the write. */
async function toCardError(drives: CardDrives, card: Drive, error: unknown): Promise<CanopusError> {
  if (error instanceof CanopusError) return error;
  if (error instanceof Error && error.name === 'AbortError') return toFileError(error, card.path, 'write');
  const reason = systemErrorCode(error) ?? 'unknown';
  const isThere = await drives.list().then(
    (all) => all.some(({ id }) => id === card.id),
    () => false,
  );
  if (!isThere) return gone(card, error);
  const { code, text } = meanings[reason] ?? {
    code: 'card/write-failed',
    text: 'could not be written or read',
  };
  const message = `The card at ${card.path} ${text} (${reason}).`;
  return new CanopusError(code, message, { path: card.path, reason }, { cause: error, state: 'untouched' });
}

function gone({ path }: Card, cause?: unknown): CanopusError {
  const message = `The card at ${path} was taken out before it was written completely.`;
  return new CanopusError('card/gone', message, { path }, { cause, state: 'untouched' });
}

function refusal(code: ErrorCode, message: string, details: Readonly<Record<string, string>>): CanopusError {
  return new CanopusError(code, message, details, { state: 'untouched' });
}
