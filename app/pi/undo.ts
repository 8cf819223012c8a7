import { throwIfCancelled } from '../cancelled.ts';
import { CanopusError } from '../errors.ts';
import { describeStep, leave, refusePrinting, restartPrinter, runCommand, type ChangeRun } from './apply.ts';
import type { ChangeEvent, StepOutcome } from './change-event.ts';
import type { PiFacts } from './facts.ts';
import { unifiedDiff } from './diff.ts';
import type { JournalFile, PlanJournal } from './journal.ts';
import type { PiHost } from './pi-host.ts';
import type { CommandStep, KlipperStep } from './plan-types.ts';
import type { ConfirmedIdle } from './printer-ref.ts';
import { fileText } from './plan-view.ts';
import { withRootIfNeeded } from './root-files.ts';
import { standingOf } from './standing.ts';

interface UndoOptions {
  readonly askPassword: (attempt: number) => Promise<string | null>;
  readonly confirmedIdle: ConfirmedIdle;
  /** Restores old files over later edits. */
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Undoes a change, even a partial one, even days later: restores every file, last one first, then runs the commands
 * that the plan noted for that. Throws `pi/edited-since`, before it changes anything, if a file is neither the old nor
 * the new one; the error's details hold the difference. Otherwise throws as `applyPlan` does.
 */
export async function* undoPlan(host: PiHost, journal: PlanJournal, options: UndoOptions): ChangeRun {
  const files = journal.steps.filter((step) => step.kind === 'file').toReversed();
  const { before, after } = journal.undo;
  let touched = false;
  try {
    const facts = await host.look(options.signal, journal.printer?.configPath ?? null);
    await refusePrinting(host, facts, options);
    if (!options.force) {
      await withRootIfNeeded(host, facts, options.askPassword, () => refuseEdited(host, journal));
    }
    const all = [...before, ...files, ...after];
    if (all.some(({ asRoot }) => asRoot)) await host.unlockRoot(facts, options.askPassword);
    throwIfCancelled(options.signal);
    await host.finish(journal, 'open');
    touched = true;
    yield { type: 'pi-journal', id: journal.id, steps: all.length };
    for (const [index, step] of all.entries()) {
      const event = {
        type: 'pi-step',
        index,
        steps: all.length,
        what: describeUndo(step),
        reason: step.reason,
      } as const;
      yield { ...event, outcome: 'started' } satisfies ChangeEvent;
      // A print may have started since.
      if (step.kind === 'klipper') await refusePrinting(host, facts, options);
      const outcome = await undoStep(host, journal, step, facts, options.force);
      yield { ...event, outcome } satisfies ChangeEvent;
    }
    await host.finish(journal, 'undone');
    return { id: journal.id, stepsDone: all.length };
  } catch (error) {
    throw leave(error, touched ? 'pi-partial' : 'pi-untouched');
  }
}

type UndoStep = JournalFile | CommandStep | KlipperStep;

async function undoStep(
  host: PiHost,
  journal: PlanJournal,
  step: UndoStep,
  facts: PiFacts,
  force: boolean,
): Promise<StepOutcome> {
  switch (step.kind) {
    case 'file':
      return host.undoFile(journal, step, force);
    case 'command':
      await runCommand(host, step);
      return 'done';
    case 'klipper':
      await restartPrinter(host, facts, step, journal);
      return 'done';
  }
}

function describeUndo(step: UndoStep): string {
  if (step.kind !== 'file') return describeStep(step);
  return step.before === null ? `remove ${step.path}` : `put ${step.path} back`;
}

async function refuseEdited(host: PiHost, journal: PlanJournal): Promise<void> {
  const edited = (await standingOf(host, journal)).filter(({ standing }) => standing === 'edited');
  const first = edited[0];
  if (first === undefined) return;
  const backups = await host.contents(edited.flatMap(({ file }) => file.backup ?? []));
  const diffs = edited.map(({ file, bytes }) =>
    unifiedDiff(
      file.path,
      fileText(file.backup === null ? null : (backups.get(file.backup) ?? null)),
      fileText(bytes),
    ),
  );
  const paths = edited.map(({ file }) => file.path);
  const message = `${paths.join(', ')} on ${host.label} ${paths.length === 1 ? 'was' : 'were'} edited since the change was made`;
  throw new CanopusError('pi/edited-since', message, { paths, diff: diffs.join('\n') });
}
