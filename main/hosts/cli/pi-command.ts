import { type Command, Option } from 'commander';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import type { ChangeRun } from '../../../app/pi/apply.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import type { PiPlan } from '../../../app/pi/plan-types.ts';
import type { PlanView } from '../../../app/pi/plan-view.ts';
import { bridgeResets, type ProveOptions } from '../../../app/pi/proof.ts';
import { canAsk, confirm } from './ask.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { PiLogin } from './pi-login.ts';
import { addLoginOptions, addWishOptions, wishesOf, type PiOptions } from './pi-options.ts';
import { showChange, showCheck, showFacts, showProof } from './show-pi.ts';

/** `canopus pi ...`: the printer's Pi, over SSH. */
export function registerPi(program: Command, context: CliContext): void {
  const pi = program.command('pi').description("set up and check the printer's Pi over SSH");

  addWishOptions(addLoginOptions(pi.command('facts').description('look at the Pi; changes nothing'))).action(
    (options: PiOptions) => logIn(context, options, showFactsOf),
  );
  addWishOptions(
    addLoginOptions(pi.command('plan').description('show what would be changed; changes nothing')),
  ).action((options: PiOptions) => logIn(context, options, showPlanOf));
  addWishOptions(
    addLoginOptions(pi.command('apply').description('set can0 and printer.cfg up, with backups')),
  )
    .option('--yes', 'do not ask')
    .option('--resume', 'finish a change that was begun')
    .action((options: ApplyOptions) => logIn(context, options, applyTo));
  addWishOptions(
    addLoginOptions(
      pi.command('prove').description('see that can0 is up, returns after a reset, and Klipper is ready'),
    ),
  )
    .addOption(new Option('--reset <how>', 'how the bridge is reset').choices(bridgeResets).default('auto'))
    .action((options: ProveCliOptions) => logIn(context, options, proveOn));
  addLoginOptions(pi.command('undo').description('take the last change back'))
    .option('--id <id>', 'the change to take back; the last one where not given')
    .option('--force', 'also where a file was edited since: that edit is lost')
    .option('--yes', 'do not ask')
    .action((options: UndoCliOptions) => logIn(context, options, undoOn));
  addWishOptions(
    addLoginOptions(pi.command('doctor').description('answer what people fight with on a CAN bus')),
  ).action((options: PiOptions) => logIn(context, options, examineOn));
}

type ApplyOptions = PiOptions & { readonly yes?: boolean; readonly resume?: boolean };
type UndoCliOptions = PiOptions & { readonly id?: string; readonly force?: boolean; readonly yes?: boolean };
type ProveCliOptions = PiOptions & { readonly reset: ProveOptions['reset'] };

interface Work<O> {
  readonly io: CliIo;
  readonly session: PiSession;
  readonly login: PiLogin;
  readonly options: O;
}

function logIn<O extends PiOptions>(
  context: CliContext,
  options: O,
  work: (work: Work<O>) => Promise<CliReport>,
): Promise<void> {
  return context.run({ ...options, target: 'pi' }, async (io) => {
    const login = new PiLogin(options);
    const session = await login.open(io);
    try {
      return await work({ io, session, login, options });
    } finally {
      await session[Symbol.asyncDispose]();
    }
  });
}

async function showFactsOf({ io, session, options }: Work<PiOptions>): Promise<CliReport> {
  const { summariseFacts } = await import('../../../app/pi/summary.ts');
  const summary = summariseFacts(await session.look(io.signal), options.interface);
  io.print(showFacts(summary));
  return summary;
}

async function showPlanOf({ io, session, options }: Work<PiOptions>): Promise<CliReport> {
  return printPlan(io, await planOf(io, session, options));
}

async function printPlan(io: CliIo, plan: PiPlan): Promise<PlanView> {
  const [{ planView }, { showPlan }] = await Promise.all([
    import('../../../app/pi/plan-view.ts'),
    import('./show-plan.ts'),
  ]);
  const view = planView(plan);
  io.print(showPlan(view));
  return view;
}

/** The plan, with what the history knows of the UUIDs that it writes. */
async function planOf(io: CliIo, session: PiSession, options: PiOptions): Promise<PiPlan> {
  const plan = await session.plan(await wishesOf(options), io.signal);
  if (plan.goal.boards.length === 0) return plan;
  const [
    { withUuidNotes },
    { openHistoryIfPossible },
    { recordedUuidSource },
    { dataFolders },
    { systemClock },
  ] = await Promise.all([
    import('../../../app/pi/plan-uuids.ts'),
    import('../../history/history-access.ts'),
    import('../../history/recorded-uuid.ts'),
    import('../../station/data-folders.ts'),
    import('../../system-clock.ts'),
  ]);
  const folder = dataFolders(options.data).data;
  using history = await openHistoryIfPossible({ folder, clock: systemClock }, ({ message }) =>
    io.print(`The history does not say where a canbus_uuid is known from: ${message}`),
  );
  return withUuidNotes(plan, (canbusUuid) => recordedUuidSource(history, canbusUuid));
}

async function applyTo({ io, session, login, options }: Work<ApplyOptions>): Promise<CliReport> {
  const consent = consentOf(io, login, options);
  if (options.resume === true) return follow(io, session.resume(consent));
  const plan = await planOf(io, session, options);
  const shown = await printPlan(io, plan);
  if (plan.steps.length === 0) return { stepsDone: 0, plan: shown };
  const blocker = plan.blockers[0];
  if (blocker)
    throw new CanopusError(blocker.code, `${session.label}: ${blocker.text}`, {}, { state: 'pi-untouched' });
  await agree(options, `Apply this to ${session.label}?`);
  const report = await follow(io, session.apply(plan, consent));
  io.print('Done. "canopus pi prove" sees that it works, "canopus pi undo" takes it back.');
  return report;
}

async function undoOn({ io, session, login, options }: Work<UndoCliOptions>): Promise<CliReport> {
  const journal = await session.journal(({ id, state }) =>
    options.id === undefined ? state !== 'undone' : id === options.id,
  );
  const files = journal.steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []));
  io.print(`Change ${journal.id} of ${journal.begun}: ${files.join(', ')}`);
  await agree(options, 'Take it back?');
  try {
    return await follow(io, session.undo(journal.id, options.force === true, consentOf(io, login, options)));
  } catch (error) {
    if (isCanopusError(error, 'pi/edited-since')) io.print(String(error.details['diff']));
    throw error;
  }
}

async function proveOn({ io, session, login, options }: Work<ProveCliOptions>): Promise<CliReport> {
  const wishes = await wishesOf(options);
  if (options.reset === 'person')
    io.print('Unplug the bridge and plug it in again when can0 is reported up.');
  const run = session.prove({ ...consentOf(io, login, options), reset: options.reset, goal: wishes });
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { proofs: next.value.proofs };
    io.emit({ ...next.value }, (event) => showProof(event));
    if (next.value.outcome === 'started') io.status(`... ${next.value.seen}`);
  }
}

async function examineOn({ io, session, options }: Work<PiOptions>): Promise<CliReport> {
  const checks = await session.doctor(await wishesOf(options), io.signal);
  for (const check of checks) io.print(showCheck(check));
  return { checks };
}

function consentOf(io: CliIo, login: PiLogin, options: PiOptions) {
  return { askPassword: login.sudoPassword, confirmedIdle: options.idle === true, signal: io.signal };
}

/** Rejects with `cancelled` for a no, and with `usage/invalid` where nobody can be asked. */
async function agree(options: { readonly yes?: boolean }, question: string): Promise<void> {
  if (options.yes === true) return;
  if (!canAsk()) {
    throw new CanopusError(
      'usage/invalid',
      'nobody can be asked here; --yes says yes',
      {},
      { state: 'pi-untouched' },
    );
  }
  if (await confirm(question)) return;
  throw new CanopusError('cancelled', 'Nothing was changed.', {}, { state: 'pi-untouched' });
}

async function follow(io: CliIo, run: ChangeRun): Promise<CliReport> {
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { ...next.value };
    const event = next.value;
    // Its own errors say it better; from here on none may claim that nothing was changed.
    if (event.type === 'pi-step') io.leaves('pi-unknown');
    io.emit({ ...event }, () => showChange(event));
    if (event.type === 'pi-step' && event.outcome === 'started')
      io.status(`[${event.index + 1}/${event.steps}] ${event.what}`);
  }
}
