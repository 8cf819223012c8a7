import { sha256Hex } from '../sha256.ts';
import type { FileStanding, UndoFile } from './change-view.ts';
import type { JournalFile, PlanJournal } from './journal.ts';
import type { PiHost } from './pi-host.ts';

interface JournalStanding {
  readonly file: JournalFile;
  readonly standing: FileStanding;
  readonly bytes: Uint8Array | null;
}

/** The progress of a journal, file by file; one round trip. */
export async function standingOf(host: PiHost, journal: PlanJournal): Promise<JournalStanding[]> {
  const files = journal.steps.filter((step) => step.kind === 'file');
  const contents = await host.contents(files.map(({ path }) => path));
  return Promise.all(
    files.map(async (file) => {
      const bytes = contents.get(file.path) ?? null;
      const hash = bytes === null ? null : await sha256Hex(bytes);
      const standing = hash === file.before ? 'old' : hash === file.after ? 'new' : 'edited';
      return { file, standing, bytes };
    }),
  );
}

/** What an undo would do, file by file; two round trips. */
export async function previewUndo(host: PiHost, journal: PlanJournal): Promise<UndoFile[]> {
  const standing = await standingOf(host, journal);
  const backups = await host.contents(standing.flatMap(({ file }) => file.backup ?? []));
  return standing.map(({ file, standing: how, bytes }) => ({
    path: file.path,
    standing: how,
    now: bytes,
    // If the file is in its old state, its backup may be gone already.
    before: how === 'old' ? bytes : file.backup === null ? null : (backups.get(file.backup) ?? null),
  }));
}
