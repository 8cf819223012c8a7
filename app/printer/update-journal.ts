import * as z from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { changeIdSchema } from '../pi/journal.ts';
import type { Plain } from '../plain.ts';
import { idSchema } from '../units.ts';
import { updateStepSchema, type UpdatePlan } from './plan-types.ts';
import { keptImageSchema, type KeptImage } from './printer-mcu.ts';

/**
 * How far one MCU is. `begun` is kept before its flash is touched: from then on it may hold half an image, which only a
 * repeat repairs. `back`: it has its former image again.
 */
const journalStepSchema = z.extend(updateStepSchema, {
  /** What it gets; null for the process on the Pi, which is built there. */
  image: z.nullable(keptImageSchema),
  progress: z.enum(['waiting', 'begun', 'written', 'back']),
});

export type UpdateJournalStep = Plain<z.infer<typeof journalStepSchema>>;

const journalSchema = z.object({
  format: z.literal(1),
  id: changeIdSchema,
  /** Of the printer's Pi in this station, and the printer's name there. */
  piId: idSchema,
  printer: z.string(),
  /** ISO 8601, of the station's clock. */
  begun: z.string(),
  /** Counts what was kept: of two copies the higher one is newer. */
  revision: z.int(),
  /** `updating` and `going-back` are unfinished. */
  state: z.enum(['updating', 'updated', 'going-back', 'back']),
  hostVersion: z.nullable(z.string()),
  steps: z.array(journalStepSchema),
});

/**
 * An update of a printer as it is kept, on the station and on the Pi, before anything is changed and after each step. It
 * has all that a resume and a roll back need: places, and the keys of images.
 */
export type UpdateJournal = Plain<z.infer<typeof journalSchema>>;

export const updateJournalSchema = journalSchema;

/** Begins the journal of a plan. `imageOf`: the image that was built for a step. */
export function newUpdateJournal(
  plan: Pick<UpdatePlan, 'piId' | 'printer' | 'hostVersion' | 'steps'>,
  { id, begun, imageOf }: { id: string; begun: Date; imageOf: (name: string) => KeptImage | null },
): UpdateJournal {
  const { piId, printer, hostVersion } = plan;
  const steps = plan.steps.map((step) => ({
    ...step,
    image: imageOf(step.name),
    progress: 'waiting' as const,
  }));
  const begunAt = begun.toISOString();
  return { format: 1, id, piId, printer, hostVersion, begun: begunAt, revision: 0, state: 'updating', steps };
}

/** Parses a copy. Throws `printer/bad-journal` for one that this version did not write. */
export function parseUpdateJournal(text: string): UpdateJournal {
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = 'the journal of the update is not one that this version wrote';
    throw new CanopusError('printer/bad-journal', message, { length: text.length }, { cause });
  }
}

/** Of the copies on station and Pi the one that counts: of the later update, and of that the newer; null for none. */
export function newestJournal(copies: readonly (UpdateJournal | null)[]): UpdateJournal | null {
  const [newest = null] = copies
    .filter((copy) => copy !== null)
    .toSorted((a, b) => (a.id === b.id ? b.revision - a.revision : a.id < b.id ? 1 : -1));
  return newest;
}

export const isUnfinished = ({ state }: Pick<UpdateJournal, 'state'>): boolean =>
  state === 'updating' || state === 'going-back';

/** The journal with one more change. */
export function withProgress(
  journal: UpdateJournal,
  name: string,
  progress: UpdateJournalStep['progress'],
): UpdateJournal {
  const steps = journal.steps.map((step) => (step.name === name ? { ...step, progress } : step));
  return { ...journal, revision: journal.revision + 1, steps };
}

export function withState(journal: UpdateJournal, state: UpdateJournal['state']): UpdateJournal {
  return { ...journal, revision: journal.revision + 1, state };
}
