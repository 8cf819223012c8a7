import * as z from 'zod/mini';
import { sha256Hex } from '../sha256.ts';
import { sha256Schema } from '../units.ts';
import type { Plain } from '../plain.ts';
import { CanopusError } from '../errors.ts';
import {
  commandStepSchema,
  klipperStepSchema,
  piGoalSchema,
  type FileStep,
  type PiPlan,
} from './plan-types.ts';
import { printerRefSchema } from './printer-ref.ts';
import { plansFolder } from './step-scripts.ts';

/** The journal decides what runs as root, so its paths are checked as well. */
const path = z.string().check(z.regex(/^\/[^\0]*$/));
const hash = z.nullable(sha256Schema);

/** A file step as the journal records it: contents by their hash, so that anyone can see how far a change got. */
const journalFileSchema = z.object({
  kind: z.literal('file'),
  path,
  reason: z.string(),
  asRoot: z.boolean(),
  /** SHA-256, lower-case hex; null for no file. */
  before: hash,
  after: hash,
  /** Name of the new content in the journal's folder; null if the file is removed. */
  staged: z.nullable(z.string().check(z.regex(/^new-\d+$/))),
  /** Path of the old content, beside the file or beside the journal; null if there was none. */
  backup: z.nullable(path),
  mode: z.int(),
  makesFolder: z.boolean(),
});

export type JournalFile = Plain<z.infer<typeof journalFileSchema>>;

/** Names a change, as `journalId` makes it. */
export const changeIdSchema = z.string().check(z.regex(/^[0-9a-f-]{1,64}$/));

const journalSchema = z.object({
  format: z.literal(1),
  id: changeIdSchema,
  /** ISO 8601, of the station's clock. */
  begun: z.string(),
  steps: z.array(z.discriminatedUnion('kind', [journalFileSchema, commandStepSchema, klipperStepSchema])),
  undo: z.object({
    before: z.array(commandStepSchema),
    after: z.array(z.discriminatedUnion('kind', [commandStepSchema, klipperStepSchema])),
  }),
  goal: piGoalSchema,
  /** The printer that the change belongs to; missing for none, and in journals of earlier versions. */
  printer: z.optional(printerRefSchema),
});

/**
 * What is about to be done to a Pi, written there before anything is done, in
 * `~/.local/state/canopus/plans/ID/journal.json` beside the new contents and a file `state`. It never changes: the
 * progress of a plan follows from the hashes of its files.
 */
export type PlanJournal = Plain<z.infer<typeof journalSchema>>;
export type JournalStep = PlanJournal['steps'][number];

/** `open` while it is being applied or undone, `applied`, `undone`. */
export type JournalState = 'open' | 'applied' | 'undone';

/** A name that sorts by time and says nothing else: `20261121-013005-1a2b`. */
export function journalId(now: Date, random: number): string {
  const digits = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const tail = Math.floor(random * 0x10000)
    .toString(16)
    .padStart(4, '0');
  return `${digits}-${tail}`;
}

/** Beside the file and hidden: no include pattern, sourced folder or unit folder reads it. */
function backupPath(path: string, id: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}/.${path.slice(slash + 1)}.canopus-${id}.bak`;
}

export interface JournalDraft {
  readonly journal: PlanJournal;
  /** New contents, by their name in the journal's folder. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Turns a plan into its journal and the contents that go with it; `home` is the parent of the journals' folder. */
export async function draftJournal(
  plan: PiPlan,
  id: string,
  begun: Date,
  home: string,
): Promise<JournalDraft> {
  const contents = new Map<string, Uint8Array>();
  const steps: JournalStep[] = [];
  for (const [index, step] of plan.steps.entries()) {
    if (step.kind !== 'file') {
      steps.push(step);
      continue;
    }
    const staged = step.after === null ? null : `new-${index}`;
    if (step.after !== null) contents.set(`new-${index}`, step.after);
    const backup =
      step.backupPlace === 'journal'
        ? `${home}/${plansFolder}/${id}/old-${index}`
        : backupPath(step.path, id);
    steps.push(await journalFile(step, staged, backup));
  }
  const { undo, goal, printer } = plan;
  const journal = { format: 1, id, begun: begun.toISOString(), steps, undo, goal } as const;
  return { journal: printer === null ? journal : { ...journal, printer }, contents };
}

async function journalFile(step: FileStep, staged: string | null, backup: string): Promise<JournalFile> {
  const { path, reason, asRoot, mode, makesFolder } = step;
  return {
    kind: 'file',
    path,
    reason,
    asRoot,
    before: step.before === null ? null : await sha256Hex(step.before),
    after: step.after === null ? null : await sha256Hex(step.after),
    staged,
    backup: step.before === null ? null : backup,
    mode,
    makesFolder,
  };
}

/** Parses a journal. Throws `pi/bad-report` for one that this version did not write. */
export function parseJournal(text: string): PlanJournal {
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CanopusError(
      'pi/bad-report',
      'the journal on the Pi is not one that this version wrote',
      { length: text.length },
      { cause },
    );
  }
}
