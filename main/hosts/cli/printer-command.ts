import { InvalidArgumentError, Option, type Command } from 'commander';
import { itemsOf } from '../../../app/contract/live-table.ts';
import type { StationClient, StationInput } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { mcuSection } from '../../../app/printer-config/set-canbus.ts';
import { updateScopes, type UpdateScope } from '../../../app/printer/plan-types.ts';
import { addApiKeyOptions } from './api-key-options.ts';
import { canAsk, confirm } from './ask.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { followJob } from './follow-job.ts';
import { onStation } from './on-station.ts';
import { withKnownPi, withPi, type LoginOptions } from './reach-pi.ts';
import { showChange, showProof } from './show-pi.ts';
import { showRollback, showSurvey, showUpdatePlan } from './show-printer.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';

interface PrinterOptions extends StationOptions, LoginOptions {
  /** `PI` or `PI/PRINTER`. */
  readonly printer: string;
}

interface PlanOptions extends PrinterOptions {
  readonly scope: UpdateScope;
  readonly board: StationInput<'printer.survey'>['boards'];
}

interface UpdateOptions extends PlanOptions {
  readonly yes?: boolean;
  readonly resume?: boolean;
}

interface Work<O> {
  readonly io: CliIo;
  readonly client: StationClient;
  readonly options: O;
  /** The printer as the contract has it. */
  readonly of: StationInput<'printer.last'>;
}

/** `canopus printer ...`: every MCU of a printer at once. */
export function registerPrinter(program: Command, context: CliContext): void {
  const printer = program.command('printer').description('update every MCU of a printer, prove it, go back');
  const command = (name: string, description: string): Command =>
    withStationOptions(addApiKeyOptions(printer.command(name).description(description)))
      .requiredOption(
        '--printer <pi[/name]>',
        'the Pi, as a login or by its id, and the printer if it has several',
      )
      .option('--key <file>', 'private key to log in with')
      .option('--trust <fingerprint>', 'accept an unknown host key if it is this one (SHA256:...)')
      .option('--password-stdin', 'read the password for login and sudo from standard input')
      .option('--allow-root', 'agree to what has to be done as root on the Pi: stop and start Klipper');
  const withBoards = (each: Command): Command =>
    each.option(
      '--board <name=preset[:variant]>',
      'which board an MCU is; may be given more than once',
      boardOf,
      [],
    );
  const withScope = (each: Command): Command =>
    withBoards(each).addOption(
      new Option('--scope <which>', 'MCUs that need it, also those with older code, or all')
        .choices(updateScopes)
        .default('needed'),
    );
  withBoards(command('survey', 'every MCU with its place and version; changes nothing')).action(
    (options: PlanOptions) => onPrinter(context, options, survey),
  );
  withScope(command('plan', 'what an update would write, and in which order; changes nothing')).action(
    (options: PlanOptions) => onPrinter(context, options, async (work) => (await planOf(work)).report),
  );
  withScope(command('update', 'write every MCU that needs it, nodes first, bridges last, and prove it'))
    .option('--yes', 'do not ask')
    .option('--resume', 'go on with an update that was begun')
    .action((options: UpdateOptions) => onPrinter(context, options, update));
  command('prove', 'check that Klipper is ready and every MCU runs what was written').action(
    (options: PrinterOptions) => onPrinter(context, options, prove),
  );
  command('rollback', 'write the firmware from before the last update')
    .option('--yes', 'do not ask')
    .action((options: UpdateOptions) => onPrinter(context, options, rollback));
}

async function survey({ io, client, of, options }: Work<PlanOptions>): Promise<CliReport> {
  const seen = await client.call('printer.survey', { ...of, boards: options.board }, io);
  io.print(showSurvey(seen));
  return seen;
}

async function planOf({ io, client, of, options }: Work<PlanOptions>) {
  const plan = await client.call('printer.plan', { ...of, boards: options.board, scope: options.scope }, io);
  io.print(showUpdatePlan(plan));
  const { planId: _, ...report } = plan;
  return { plan, report };
}

async function update(work: Work<UpdateOptions>): Promise<CliReport> {
  const { client, of, options } = work;
  if (options.resume === true) return follow(work, await client.call('printer.resume', of));
  const { plan, report } = await planOf(work);
  if (plan.steps.length === 0) return { written: 0, plan: report };
  const [blocker] = plan.blockers;
  if (blocker !== undefined)
    throw new CanopusError(blocker.code, `${plan.printer}: ${blocker.text}.`, {}, { state: 'pi-untouched' });
  await agree(options, 'Update this printer?');
  return follow(work, await client.call('printer.update', { id: of.id, planId: plan.planId }));
}

async function rollback(work: Work<UpdateOptions>): Promise<CliReport> {
  const { io, client, of, options } = work;
  const last = await client.call('printer.last', of, io);
  if (last !== null) {
    io.print(showRollback(last));
    await agree(options, 'Go back?');
  }
  return follow(work, await client.call('printer.rollback', of));
}

async function prove(work: Work<PrinterOptions>): Promise<CliReport> {
  return follow(work, await work.client.call('printer.prove', work.of));
}

async function follow(
  { io, client }: Pick<Work<PrinterOptions>, 'io' | 'client'>,
  { jobId }: { readonly jobId: string },
): Promise<CliReport> {
  const { updateId, written, state } = await followJob(io, client, jobId, 'printer-update', (event) => {
    if (event.type === 'pi-proof') io.emit(event, showProof);
    if (event.type === 'note') io.emit(event, ({ text }) => text);
    if (event.type !== 'pi-journal' && event.type !== 'pi-step') return;
    // From the first step on its errors say how far each MCU is.
    if (event.type === 'pi-step') io.leaves(null);
    io.emit(event, showChange);
    if (event.type === 'pi-step' && event.outcome === 'started')
      io.status(`[${event.index + 1}/${event.steps}] ${event.what}`);
  });
  io.print('Done.');
  return { id: updateId, written, state };
}

/** Throws `cancelled` for a no, and `usage/invalid` if there is no person to ask. */
async function agree({ yes }: { readonly yes?: boolean }, question: string): Promise<void> {
  if (yes === true) return;
  const state = 'pi-untouched';
  if (!canAsk())
    throw new CanopusError('usage/invalid', 'there is no terminal to ask on; --yes confirms', {}, { state });
  if (!(await confirm(question))) throw new CanopusError('cancelled', 'Nothing was changed.', {}, { state });
}

function onPrinter<O extends PrinterOptions>(
  context: CliContext,
  options: O,
  work: (work: Work<O>) => Promise<CliReport>,
): Promise<void> {
  return onStation(context, { ...options, target: 'pi' }, async (io, client) => {
    const [pi = '', ...rest] = options.printer.split('/');
    const printer = rest.length === 0 ? null : rest.join('/');
    const on = (id: string): Promise<CliReport> => work({ io, client, options, of: { id, printer } });
    if (await isKnown(client, pi)) return withKnownPi(io, client, pi, options, () => on(pi));
    return withPi(io, client, pi, options, on);
  });
}

/** A Pi of the station, or the virtual one, by its id. */
async function isKnown(client: StationClient, id: string): Promise<boolean> {
  const stop = new AbortController();
  for await (const event of client.stream('pi.watch', null, { signal: stop.signal })) {
    const found = itemsOf(event).some((each) => each.id === id);
    stop.abort();
    return found;
  }
  return false;
}

function boardOf(text: string, earlier: PlanOptions['board'] = []): PlanOptions['board'] {
  const at = text.indexOf('=');
  const [presetId, variantId = null, ...more] = text.slice(at + 1).split(':');
  if (at < 1 || presetId === undefined || presetId === '' || more.length > 0)
    throw new InvalidArgumentError(
      'must be NAME=PRESET or NAME=PRESET:VARIANT, such as EBB=btt-ebb-1.2:g0b1',
    );
  return [...earlier, { name: mcuSection(text.slice(0, at)), presetId, variantId }];
}
