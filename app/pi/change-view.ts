import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import type { JournalFacts } from './facts.ts';
import { changeIdSchema, parseJournal } from './journal.ts';
import { piGoalSchema } from './plan-types.ts';
import { fileText } from './plan-view.ts';

/** The current state of one file of a journal: as before the change, as the change left it, or edited since. */
export const fileStandings = ['old', 'new', 'edited'] as const;
export type FileStanding = (typeof fileStandings)[number];

/** A file of a change, and what undoing the change would make of it. */
export interface UndoFile {
  readonly path: string;
  readonly standing: FileStanding;
  readonly now: Uint8Array | null;
  /** Null if there was no file, or its backup is gone. */
  readonly before: Uint8Array | null;
}

/** A change that was made to a Pi, from its journal there. */
export const changeViewSchema = z.object({
  id: changeIdSchema,
  /** `open`, `applied` or `undone`. */
  state: z.string(),
  /** ISO 8601; null if another version wrote the journal. */
  begun: z.nullable(z.string()),
  files: z.array(z.string()),
  /** The printer that it set up; null for none, and in journals of earlier versions. */
  printer: z.nullable(z.string()),
  goal: z.nullable(piGoalSchema),
});

type ChangeView = Plain<z.infer<typeof changeViewSchema>>;

/** What undoing a change would do to one of its files. */
export const undoFileViewSchema = z.object({
  path: z.string(),
  standing: z.enum(fileStandings),
  now: z.nullable(z.string()),
  /** Null if there was no file, or its backup is gone. */
  before: z.nullable(z.string()),
});

type UndoFileView = Plain<z.infer<typeof undoFileViewSchema>>;

/**
 * The changes of a Pi, newest first. A change with an unreadable journal cannot be undone here; a folder beside the
 * journals with another kind of name is not a change.
 */
export function changeViews(journals: readonly JournalFacts[]): ChangeView[] {
  return journals
    .filter(({ id }) => changeIdSchema.safeParse(id).success)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .map(({ id, state, text }) => {
      try {
        const { begun, steps, goal, printer } = parseJournal(text);
        const files = steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []));
        return { id, state, begun, files, printer: printer?.name ?? null, goal };
      } catch {
        return { id, state, begun: null, files: [], printer: null, goal: null };
      }
    });
}

export function undoFileViews(files: readonly UndoFile[]): UndoFileView[] {
  return files.map(({ path, standing, now, before }) => ({
    path,
    standing,
    now: fileText(now),
    before: fileText(before),
  }));
}
