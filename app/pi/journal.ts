import { sha256Hex } from '../sha256.ts';
import { isSha256 } from '../units.ts';
import { CanopusError } from '../errors.ts';
import type { CommandStep, FileStep, KlipperStep, PiPlan } from './plan-types.ts';

/** A file step as the journal keeps it: contents by their hash, so that anybody can see where things stand. */
export interface JournalFile {
  readonly kind: 'file';
  readonly path: string;
  readonly reason: string;
  readonly asRoot: boolean;
  /** SHA-256, lower-case hex; null for no file. */
  readonly before: string | null;
  readonly after: string | null;
  /** Name of the new content in the journal's folder; null where the file is taken away. */
  readonly staged: string | null;
  /** Where the old content is kept, beside the file; null where there was none. */
  readonly backup: string | null;
  readonly mode: number;
  readonly makesFolder: boolean;
}

export type JournalStep = JournalFile | CommandStep | KlipperStep;

/**
 * What is going to be done to a Pi, written there before anything is done, in
 * `~/.local/state/canopus/plans/ID/journal.json` beside the new contents and a file `state`. It never changes: where
 * a plan stands follows from the hashes of its files.
 */
export interface PlanJournal {
  readonly format: 1;
  readonly id: string;
  /** ISO 8601, of the station's clock. */
  readonly begun: string;
  readonly steps: readonly JournalStep[];
  readonly undo: {
    readonly before: readonly CommandStep[];
    readonly after: readonly (CommandStep | KlipperStep)[];
  };
  readonly goal: PiPlan['goal'];
}

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

/** Beside the file and hidden: no include pattern, no sourced folder and no unit folder takes it for one of its own. */
export function backupPath(path: string, id: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}/.${path.slice(slash + 1)}.canopus-${id}.bak`;
}

export interface JournalDraft {
  readonly journal: PlanJournal;
  /** New contents by their name in the journal's folder. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Turns a plan into its journal and the contents that go with it. */
export async function draftJournal(plan: PiPlan, id: string, begun: Date): Promise<JournalDraft> {
  const contents = new Map<string, Uint8Array>();
  const steps: JournalStep[] = [];
  for (const [index, step] of plan.steps.entries()) {
    if (step.kind !== 'file') {
      steps.push(step);
      continue;
    }
    const staged = step.after === null ? null : `new-${index}`;
    if (step.after !== null) contents.set(`new-${index}`, step.after);
    steps.push(await journalFile(step, id, staged));
  }
  const { undo, goal } = plan;
  return { journal: { format: 1, id, begun: begun.toISOString(), steps, undo, goal }, contents };
}

async function journalFile(step: FileStep, id: string, staged: string | null): Promise<JournalFile> {
  const { path, reason, asRoot, mode, makesFolder } = step;
  return {
    kind: 'file',
    path,
    reason,
    asRoot,
    before: step.before === null ? null : await sha256Hex(step.before),
    after: step.after === null ? null : await sha256Hex(step.after),
    staged,
    backup: step.before === null ? null : backupPath(path, id),
    mode,
    makesFolder,
  };
}

/** Reads a journal back. Throws `pi/bad-report` for one that this version did not write. */
export function parseJournal(text: string): PlanJournal {
  try {
    const value: unknown = JSON.parse(text);
    if (isJournal(value)) return value;
  } catch {
    // Told below.
  }
  throw new CanopusError('pi/bad-report', 'the journal on the Pi is not one that this version wrote', {
    length: text.length,
  });
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isHash = (value: unknown): boolean => value === null || (isText(value) && isSha256(value));
const isPath = (value: unknown): value is string =>
  isText(value) && value.startsWith('/') && !value.includes('\0');

/** The journal decides what runs as root, so it is checked member by member. */
function isJournal(value: unknown): value is PlanJournal {
  if (!isObject(value) || value['format'] !== 1 || !isText(value['begun'])) return false;
  const { id, steps, undo, goal } = value;
  return (
    isText(id) &&
    /^[0-9a-f-]+$/.test(id) &&
    Array.isArray(steps) &&
    steps.every(isStep) &&
    isObject(undo) &&
    Array.isArray(undo['before']) &&
    undo['before'].every(isStep) &&
    Array.isArray(undo['after']) &&
    undo['after'].every(isStep) &&
    isObject(goal) &&
    isText(goal['interfaceName']) &&
    typeof goal['bitrateBps'] === 'number' &&
    typeof goal['txQueueLength'] === 'number' &&
    Array.isArray(goal['boards'])
  );
}

function isStep(value: unknown): boolean {
  if (!isObject(value) || !isText(value['reason']) || typeof value['asRoot'] !== 'boolean') return false;
  switch (value['kind']) {
    case 'file':
      return (
        isPath(value['path']) &&
        isHash(value['before']) &&
        isHash(value['after']) &&
        (value['staged'] === null || (isText(value['staged']) && /^new-\d+$/.test(value['staged']))) &&
        (value['backup'] === null || isPath(value['backup'])) &&
        typeof value['mode'] === 'number' &&
        typeof value['makesFolder'] === 'boolean'
      );
    case 'command': {
      const { argv, accepts } = value;
      return (
        Array.isArray(argv) &&
        argv.length > 0 &&
        argv.every(isText) &&
        (accepts === null || Array.isArray(accepts))
      );
    }
    case 'klipper':
      return (
        (value['via'] === 'moonraker' || value['via'] === 'systemd') &&
        (value['unit'] === null || isText(value['unit']))
      );
    default:
      return false;
  }
}
