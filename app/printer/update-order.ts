import type { UpdateJournal, UpdateJournalStep } from './update-journal.ts';
import type { KeptImage } from './printer-mcu.ts';

export type UpdateDirection = 'forward' | 'back';

/** One MCU that is still to be written. */
export interface UpdateWrite {
  readonly step: UpdateJournalStep;
  /** Null for the process on the Pi. */
  readonly image: KeptImage | null;
  /** How far it is then. */
  readonly leaves: 'written' | 'back';
}

/**
 * What is left to write, in order: nodes, boards, the process, bridges. A bridge that may hold half an image comes first:
 * until it runs, nothing behind it can be reached.
 */
export function writesLeft({ steps }: UpdateJournal, direction: UpdateDirection): readonly UpdateWrite[] {
  const left = steps.flatMap((step) => (direction === 'forward' ? forward(step) : back(step)));
  const isHalf = ({ step }: UpdateWrite): boolean => step.role === 'bridge' && step.progress === 'begun';
  return [...left.filter(isHalf), ...left.filter((each) => !isHalf(each))];
}

function forward(step: UpdateJournalStep): UpdateWrite[] {
  return step.progress === 'written' ? [] : [{ step, image: step.image, leaves: 'written' }];
}

/** Without a former image half a new one is completed, because it does not run. */
function back(step: UpdateJournalStep): UpdateWrite[] {
  const { progress, former, image } = step;
  if (progress === 'waiting' || progress === 'back') return [];
  if (former !== null) return [{ step, image: former, leaves: 'back' }];
  return progress === 'begun' ? [{ step, image, leaves: 'written' }] : [];
}

/** MCUs that were changed, and whose former image is not kept: a roll back does not reach their former state. */
export function withoutWayBack({ steps }: UpdateJournal): readonly string[] {
  return steps
    .filter(({ progress, former }) => former === null && (progress === 'begun' || progress === 'written'))
    .map(({ name }) => name);
}

/** The version that each MCU of an update should report by now; null: not known. */
export function expectedVersions({ steps }: UpdateJournal): ReadonlyMap<string, string | null> {
  return new Map(steps.map((step) => [step.name, versionOf(step)]));
}

function versionOf({ progress, image, former, version }: UpdateJournalStep): string | null {
  if (progress === 'waiting') return version;
  return (progress === 'back' ? former?.version : image?.version) ?? null;
}
