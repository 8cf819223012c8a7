import { throwIfCancelled } from '../cancelled.ts';
import { CanopusError, toCanopusError, type PiState } from '../errors.ts';
import type { ChangeEvent, StepOutcome } from './change-event.ts';
import type { PiFacts } from './facts.ts';
import { draftJournal, parseJournal, type JournalStep, type PlanJournal } from './journal.ts';
import type { PiHost } from './pi-host.ts';
import { sameBytes } from './plan-draft.ts';
import type { CommandStep, KlipperStep, PiPlan } from './plan-types.ts';
import type { ConfirmedIdle } from './printer-ref.ts';
import { printerOf, printingBlocker } from './printers-seen.ts';
import { withRootIfNeeded } from './root-files.ts';
import { standingOf } from './standing.ts';

interface ApplyOptions {
  readonly id: string;
  readonly now: Date;
  readonly askPassword: (attempt: number) => Promise<string | null>;
  readonly confirmedIdle: ConfirmedIdle;
  /** Checked between steps: a step that was begun is finished. */
  readonly signal?: AbortSignal | undefined;
}

export interface ApplyReport {
  readonly id: string;
  readonly stepsDone: number;
}

export type ChangeRun = AsyncGenerator<ChangeEvent, ApplyReport, void>;

/**
 * Applies a plan: checks the Pi once more, writes the journal, then goes step by step. Stops at the first failure;
 * finished steps stay and the journal stays open, to be finished (`resumePlan`) or undone (`undoPlan`). Throws `pi/*`,
 * `shell/*` or `cancelled`, with the Pi's state.
 */
export async function* applyPlan(host: PiHost, plan: PiPlan, options: ApplyOptions): ChangeRun {
  const { draft, facts } = await before(async () => {
    const blocker = plan.blockers.find(({ code }) => !passing.has(code));
    if (blocker) throw new CanopusError(blocker.code, `${host.label}: ${blocker.text}`);
    const found = await host.look(options.signal, plan.configPath);
    await withRootIfNeeded(host, found, options.askPassword, () => settleOpen(host, found));
    await refusePrinting(host, found, options);
    refuseChanged(found, plan, host.label);
    if (plan.steps.some(({ asRoot }) => asRoot)) await host.unlockRoot(found, options.askPassword);
    await refuseHiddenChanged(host, found, plan);
    const drafted = await draftJournal(plan, options.id, options.now, found.home);
    throwIfCancelled(options.signal);
    await host.begin(drafted);
    return { draft: drafted, facts: found };
  }, 'pi-untouched');
  return yield* perform(host, draft.journal, facts, options);
}

/** Blockers that may have passed since the plan was made; `applyPlan` checks them again. */
const passing: ReadonlySet<string> = new Set(['pi/printing', 'pi/print-state-unknown', 'pi/unfinished']);

/** Continues with an open journal: finished file steps are skipped, commands run again. Throws as `applyPlan` does. */
export async function* resumePlan(host: PiHost, journal: PlanJournal, options: ApplyOptions): ChangeRun {
  const facts = await before(async () => {
    const found = await host.look(options.signal, journal.printer?.configPath ?? null);
    await refusePrinting(host, found, options);
    if (journal.steps.some(({ asRoot }) => asRoot)) await host.unlockRoot(found, options.askPassword);
    throwIfCancelled(options.signal);
    return found;
  }, 'pi-partial');
  return yield* perform(host, journal, facts, options);
}

async function* perform(
  host: PiHost,
  journal: PlanJournal,
  facts: PiFacts,
  options: ApplyOptions,
): ChangeRun {
  const { steps } = journal;
  yield { type: 'pi-journal', id: journal.id, steps: steps.length };
  for (const [index, step] of steps.entries()) {
    const disturbs =
      step.kind === 'klipper' || (step.kind === 'command' && steps[index - 1]?.kind === 'file');
    const event = {
      type: 'pi-step',
      index,
      steps: steps.length,
      what: describeStep(step),
      reason: step.reason,
    } as const;
    try {
      throwIfCancelled(options.signal);
      yield { ...event, outcome: 'started' };
      // A print may have started since: the files are written, the rest can wait.
      if (disturbs) await refusePrinting(host, facts, options);
      const outcome = await performStep(host, journal, step, facts);
      yield { ...event, outcome };
    } catch (error) {
      throw leave(error, 'pi-partial');
    }
  }
  try {
    await host.finish(journal, 'applied');
  } catch (error) {
    throw leave(error, 'pi-applied');
  }
  return { id: journal.id, stepsDone: steps.length };
}

async function performStep(
  host: PiHost,
  journal: PlanJournal,
  step: JournalStep,
  facts: PiFacts,
): Promise<StepOutcome> {
  switch (step.kind) {
    case 'file':
      return host.applyFile(journal, step);
    case 'command':
      await runCommand(host, step);
      return 'done';
    case 'klipper':
      await restartPrinter(host, facts, step, journal);
      return 'done';
  }
}

/** Runs a planned command; throws `pi/command-failed` for an exit code that the plan does not accept. */
export async function runCommand(host: PiHost, step: CommandStep): Promise<void> {
  const { exitCode, output } = await host.command(step);
  if (step.accepts === null || step.accepts.includes(exitCode)) return;
  const command = step.argv.join(' ');
  const said = output === '' ? '' : `: ${output.slice(-400)}`;
  throw new CanopusError('pi/command-failed', `"${command}" on ${host.label} ended with ${exitCode}${said}`, {
    command,
    exitCode,
  });
}

/** Restarts the Klipper of the step's own printer; throws `pi/klipper-not-restarted` if that is not on the Pi. */
export async function restartPrinter(
  host: PiHost,
  facts: PiFacts,
  step: KlipperStep,
  journal: PlanJournal,
): Promise<void> {
  const ref = step.printer ?? journal.printer;
  const printer = printerOf(facts, { printer: ref, unit: step.unit });
  if (printer !== null) return host.restartKlipper(step, printer);
  const which = ref?.name ?? 'the printer of this change';
  throw new CanopusError('pi/klipper-not-restarted', `${which} was not found on ${host.label}`);
}

export function describeStep(step: JournalStep | CommandStep | KlipperStep): string {
  switch (step.kind) {
    case 'file':
      return step.after === null
        ? `remove ${step.path}`
        : `${step.before === null ? 'create' : 'change'} ${step.path}`;
    case 'command':
      return `run ${step.argv.join(' ')}`;
    case 'klipper': {
      const whose = step.printer === undefined ? '' : ` of ${step.printer.name}`;
      return step.via === 'moonraker'
        ? `restart Klipper${whose} through Moonraker`
        : `restart ${step.unit ?? `Klipper${whose}`}`;
    }
  }
}

/** Throws `pi/printing` or `pi/print-state-unknown` unless every printer of the Pi is idle. */
export async function refusePrinting(
  host: PiHost,
  facts: PiFacts,
  options: { readonly confirmedIdle: ConfirmedIdle; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const busy = printingBlocker(await host.printers(facts, options.signal), options);
  if (busy !== null)
    throw new CanopusError(busy.code, `${host.label}: ${busy.text}`, { printers: busy.printers ?? [] });
}

/** A change that was announced but never begun is closed; one that was begun must be finished or undone first. */
async function settleOpen(host: PiHost, facts: PiFacts): Promise<void> {
  for (const { id, state, text } of facts.journals) {
    if (state !== 'open') continue;
    const journal = parseJournal(text);
    const standing = await standingOf(host, journal);
    if (standing.length > 0 && standing.every((each) => each.standing === 'old')) {
      await host.finish(journal, 'undone');
      continue;
    }
    throw new CanopusError('pi/unfinished', `${host.label}: the change ${id} was started but not finished`, {
      id,
    });
  }
}

/** The plan was made from file contents; if one has changed since, a person must look again. */
function refuseChanged(facts: PiFacts, plan: PiPlan, label: string): void {
  for (const step of plan.steps) {
    if (step.kind !== 'file') continue;
    if (step.before !== null && isUnread(facts, step.path)) continue;
    const found = [...facts.files.values()].find(({ realPath }) => realPath === step.path)?.bytes ?? null;
    if (sameBytes(found, step.before)) continue;
    throw changed(step.path, label);
  }
}

/** The same of files that only root may read, which must be unlocked. */
async function refuseHiddenChanged(host: PiHost, facts: PiFacts, plan: PiPlan): Promise<void> {
  const files = plan.steps.flatMap((step) =>
    step.kind === 'file' && step.before !== null && isUnread(facts, step.path) ? [step] : [],
  );
  if (files.length === 0) return;
  const contents = await host.contents(files.map(({ path }) => path));
  const other = files.find(({ path, before: old }) => !sameBytes(contents.get(path) ?? null, old));
  if (other !== undefined) throw changed(other.path, host.label);
}

function changed(path: string, label: string): CanopusError {
  const message = `${path} on ${label} has changed since the plan was made`;
  return new CanopusError('pi/changed-since-plan', message, { path });
}

function isUnread(facts: PiFacts, path: string): boolean {
  return [...facts.unread.values()].some(
    ({ path: named, realPath, why }) =>
      why === 'not-readable' && (realPath === path || named === path || path.startsWith(`${realPath}/`)),
  );
}

/** A failure here comes before this run has changed anything. */
async function before<T>(work: () => Promise<T>, state: PiState): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw leave(error, state);
  }
}

/** Adds the state; after a broken connection it is unknown how the last step ended. */
export function leave(error: unknown, state: PiState): CanopusError {
  const named = toCanopusError(error);
  const lost = named.code === 'shell/lost' || named.code === 'shell/timeout';
  return named.withState(lost && state !== 'pi-untouched' ? 'pi-unknown' : state);
}
