import { type Command, Option } from 'commander';
import type { PiPlanView, StationClient } from '../../../app/contract/station-contract.ts';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { canActions, type CanAction } from '../../../app/pi/can-now.ts';
import { describeInterface } from '../../../app/pi/proof.ts';
import { busOf } from '../../../app/settings/settings.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { bridgeResets, type ProveOptions } from '../../../app/pi/proof.ts';
import { canAsk, confirm } from './ask.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { followJob } from './follow-job.ts';
import { onStation } from './on-station.ts';
import { addLoginOptions, addRateOptions, addWishOptions, wishesOf, type PiOptions } from './pi-options.ts';
import { withPi } from './reach-pi.ts';
import { rebuildWords, showChange, showCheck, showFacts, showProof } from './show-pi.ts';

/** `canopus pi ...`: the printer's Pi, over SSH. */
export function registerPi(program: Command, context: CliContext): void {
  const pi = program.command('pi').description("set up and check the printer's Pi over SSH");

  addWishOptions(
    addLoginOptions(pi.command('facts').description('show the facts about the Pi; changes nothing')),
  ).action((options: PiOptions) => logIn(context, options, showFactsOf));
  addWishOptions(
    addLoginOptions(pi.command('plan').description('show what would be changed; changes nothing')),
  ).action((options: PiOptions) => logIn(context, options, showPlanOf));
  addWishOptions(
    addLoginOptions(pi.command('apply').description('set up can0 and printer.cfg, with backups')),
  )
    .option('--yes', 'do not ask')
    .option('--resume', 'finish a change that was started')
    .action((options: ApplyOptions) => logIn(context, options, applyTo));
  addWishOptions(
    addLoginOptions(
      pi
        .command('prove')
        .description(
          'check that the CAN interface is up and returns after a reset, and that Klipper is ready',
        ),
    ),
  )
    .addOption(new Option('--reset <how>', 'how the bridge is reset').choices(bridgeResets).default('auto'))
    .action((options: ProveCliOptions) => logIn(context, options, proveOn));
  addLoginOptions(pi.command('undo').description('undo the last change'))
    .option('--id <id>', 'the change to undo (default: the last one)')
    .option('--force', 'undo even if a file was edited since: that edit is lost')
    .option('--yes', 'do not ask')
    .action((options: UndoCliOptions) => logIn(context, options, undoOn));
  addWishOptions(
    addLoginOptions(pi.command('doctor').description('check for common CAN bus problems')),
  ).action((options: PiOptions) => logIn(context, options, examineOn));
  const can = pi
    .command('can')
    .description('bring the CAN interface up or down now, this once; configures nothing');
  for (const action of canActions) {
    const command = addLoginOptions(can.command(action).description(canTexts[action])).option(
      '--interface <name>',
      'the network interface',
      defaultWishes.interfaceName,
    );
    if (action === 'up') addRateOptions(command);
    command.action((options: CanOptions) => logIn(context, options, (work) => setCan(work, action)));
  }
  pi.command('forget-key')
    .description('forget the host key of a Pi that was reinstalled')
    .argument('<host>', 'as for --host, or as the error names it')
    .option('--data <folder>', 'use this data folder instead of the user folders')
    .option('--json', 'print JSON')
    .action((host: string, options: { data?: string; json?: boolean }) =>
      onStation(context, { ...options, target: 'pi' }, (io, client) => forgetKeyOf(io, client, host)),
    );
}

async function forgetKeyOf(io: CliIo, client: StationClient, target: string): Promise<CliReport> {
  const { forgotten } = await client.call('pi.forgetKey', { target }, io);
  if (forgotten.length === 0) io.print(`Canopus holds no key of ${target}.`);
  for (const { keyType, fingerprint } of forgotten) io.print(`Forgot the ${keyType} key ${fingerprint}.`);
  return { forgotten };
}

type CanOptions = PiOptions & { readonly bitrate?: number; readonly txqueuelen?: number };
type ApplyOptions = PiOptions & { readonly yes?: boolean; readonly resume?: boolean };
type UndoCliOptions = PiOptions & { readonly id?: string; readonly force?: boolean; readonly yes?: boolean };
type ProveCliOptions = PiOptions & { readonly reset: ProveOptions['reset'] };

interface Work<O> {
  readonly io: CliIo;
  readonly client: StationClient;
  /** Of the Pi that the station reaches. */
  readonly id: string;
  readonly options: O;
}

function logIn<O extends PiOptions>(
  context: CliContext,
  options: O,
  work: (work: Work<O>) => Promise<CliReport>,
): Promise<void> {
  return onStation(context, { ...options, target: 'pi' }, (io, client) =>
    withPi(io, client, options.host, options, (id) => work({ io, client, id, options })),
  );
}

async function showFactsOf({ io, client, id, options }: Work<PiOptions>): Promise<CliReport> {
  const { facts } = await client.call('pi.look', { id, interfaceName: options.interface }, io);
  io.print(showFacts(facts));
  return { ...facts };
}

async function showPlanOf(work: Work<PiOptions>): Promise<CliReport> {
  const { planId: _, ...plan } = await planOf(work);
  return plan;
}

async function planOf({ io, client, id, options }: Work<PiOptions>): Promise<PiPlanView> {
  const { showPlan } = await import('./show-plan.ts');
  const plan = await client.call('pi.plan', { id, wishes: await wishesOf(client, options) }, io);
  io.print(showPlan(plan, options.host));
  return plan;
}

async function applyTo(work: Work<ApplyOptions>): Promise<CliReport> {
  const { io, client, id, options } = work;
  const confirmedIdle = options.idle ?? false;
  if (options.resume === true)
    return followChange(work, await client.call('pi.resume', { id, confirmedIdle }));
  const { planId, ...plan } = await planOf(work);
  if (plan.steps.length === 0) return { stepsDone: 0, plan };
  const blocker = plan.blockers[0];
  if (blocker)
    throw new CanopusError(blocker.code, `${options.host}: ${blocker.text}`, {}, { state: 'pi-untouched' });
  await agree(options, `Apply this to ${options.host}?`);
  const report = await followChange(work, await client.call('pi.apply', { id, planId, confirmedIdle }));
  io.print('Done. "canopus pi prove" checks that it works, "canopus pi undo" undoes it.');
  return report;
}

async function undoOn(work: Work<UndoCliOptions>): Promise<CliReport> {
  const { io, client, id, options } = work;
  const { changes } = await client.call('pi.look', { id, interfaceName: defaultWishes.interfaceName }, io);
  // The newest one comes first.
  const change = changes.find((each) =>
    options.id === undefined ? each.state !== 'undone' : each.id === options.id,
  );
  if (change === undefined) {
    throw new CanopusError('pi/no-journal', `${options.host} has no journal of such a change.`, {
      count: changes.length,
    });
  }
  io.print(
    `Change ${change.id} of ${change.begun ?? 'an unknown time'}${change.printer === null ? '' : `, of ${change.printer}`}: ${change.files.join(', ')}`,
  );
  await agree(options, 'Undo it?');
  const [force, confirmedIdle] = [options.force === true, options.idle ?? false];
  try {
    return await followChange(
      work,
      await client.call('pi.undo', { id, changeId: change.id, force, confirmedIdle }),
    );
  } catch (error) {
    if (isCanopusError(error, 'pi/edited-since')) io.print(String(error.details['diff']));
    throw error;
  }
}

async function proveOn({ io, client, id, options }: Work<ProveCliOptions>): Promise<CliReport> {
  const { interfaceName, bitrateBps, txQueueLength, boards, printer } = await wishesOf(client, options);
  if (options.reset === 'person')
    io.print(`Unplug the bridge and plug it in again when ${interfaceName} is reported up.`);
  const { jobId } = await client.call('pi.prove', {
    ...{ id, reset: options.reset, confirmedIdle: options.idle ?? false },
    goal: { interfaceName, bitrateBps, txQueueLength, boards, printer },
  });
  const { proofs } = await followJob(io, client, jobId, 'pi-proof', (event) => {
    if (event.type !== 'pi-proof') return;
    io.emit(event, showProof);
    if (event.outcome === 'started') io.status(`... ${event.seen}`);
  });
  return { proofs };
}

const canTexts = {
  up: 'bring it up, at a bit rate where it is an adapter or a HAT',
  down: 'take it down',
  back: 'restore what it was before',
} as const satisfies Record<CanAction, string>;

async function setCan({ io, client, id, options }: Work<CanOptions>, action: CanAction): Promise<CliReport> {
  const bus = busOf(await client.call('settings.get', null));
  const order = {
    ...{ id, action, interfaceName: options.interface, bitrateBps: options.bitrate ?? null },
    usualBitrateBps: bus.bitrateBps,
    txQueueLength: options.txqueuelen ?? bus.txQueueLength,
    confirmedIdle: options.idle ?? false,
  };
  const { before, after, notes, rebuild } = await client.call('pi.can', order, io);
  for (const note of notes) io.print(note);
  if (rebuild !== null) io.print(rebuildWords(rebuild, options.host));
  io.print(`${describeInterface(before)}  ->  ${describeInterface(after)}`);
  if (action !== 'back') {
    io.print(
      'A boot or a re-plug undoes this, and so does "canopus pi can back". "canopus pi apply" makes it last.',
    );
  }
  return { before, after, notes, rebuild };
}

async function examineOn({ io, client, id, options }: Work<PiOptions>): Promise<CliReport> {
  const checks = await client.call('pi.doctor', { id, wishes: await wishesOf(client, options) }, io);
  for (const check of checks) io.print(showCheck(check, options.host));
  return { checks };
}

/** Throws `cancelled` for a no, and `usage/invalid` if there is no person to ask. */
async function agree(options: { readonly yes?: boolean }, question: string): Promise<void> {
  if (options.yes === true) return;
  if (!canAsk()) {
    throw new CanopusError(
      'usage/invalid',
      'there is no terminal to ask on; --yes confirms',
      {},
      { state: 'pi-untouched' },
    );
  }
  if (await confirm(question)) return;
  throw new CanopusError('cancelled', 'Nothing was changed.', {}, { state: 'pi-untouched' });
}

async function followChange(
  { io, client }: Work<PiOptions>,
  { jobId }: { jobId: string },
): Promise<CliReport> {
  const { changeId, stepsDone } = await followJob(io, client, jobId, 'pi-change', (event) => {
    if (event.type !== 'pi-step' && event.type !== 'pi-journal') return;
    // Its own errors say it better; from here on none may claim that nothing was changed.
    if (event.type === 'pi-step') io.leaves('pi-unknown');
    io.emit(event, showChange);
    if (event.type === 'pi-step' && event.outcome === 'started')
      io.status(`[${event.index + 1}/${event.steps}] ${event.what}`);
  });
  return { id: changeId, stepsDone };
}
