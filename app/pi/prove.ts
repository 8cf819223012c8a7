import { CanopusError } from '../errors.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';
import type { PiHost } from './pi-host.ts';
import { choosePrinter } from './plan-printer.ts';
import { answerOf, printingBlocker } from './printers-seen.ts';
import {
  describeInterface,
  skipped,
  type ProofContext,
  type ProofEvent,
  type ProofName,
  type ProofResult,
  type ProveOptions,
  type ProveRun,
} from './proof.ts';
import { proveNodes } from './prove-nodes.ts';
import { proveReturn } from './prove-return.ts';
import { waitForInterface } from './watch-interface.ts';

const defaultTimeoutMs = 60_000;

/**
 * Checks whether a Pi works as set up: the interface is up as wished and comes back after a reset of the bridge,
 * Klipper is ready, every board is on the bus. Each proof says what was seen. If one fails the others are still tried;
 * then the first failure is thrown, with state `pi-applied`. Never disturbs a print.
 */
export async function* prove(host: PiHost, options: ProveOptions): ProveRun {
  const facts = await host.look(options.signal);
  const seen = await host.printers(facts, options.signal);
  const proofs: ProofEvent[] = [];
  const failures: CanopusError[] = [];
  const printers = await printersOf(host, facts, options);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const context: ProofContext = { host, facts, printers, options, timeoutMs };
  const busy = printingBlocker(seen, options);
  const works: readonly (readonly [ProofName, string, () => Promise<ProofResult>])[] = [
    [
      'interface',
      `${options.goal.interfaceName} is up with the right settings`,
      () => proveInterface(context),
    ],
    [
      'return',
      `${options.goal.interfaceName} comes back after a reset of the bridge`,
      () => (busy === null ? proveReturn(context) : skipped(`${busy.text}, so the bridge is not reset`)),
    ],
    ['klipper', 'Klipper is ready', () => proveKlipper(context)],
    ['nodes', 'every board is on the bus', () => proveNodes(context)],
  ];
  for (const [proof, waiting, work] of works) {
    yield { type: 'pi-proof', proof, outcome: 'started', seen: waiting };
    let event: ProofEvent;
    try {
      const { outcome, seen } = await work();
      event = { type: 'pi-proof', proof, outcome, seen };
    } catch (error) {
      if (!(error instanceof CanopusError) || !error.code.startsWith('pi/')) throw error;
      failures.push(error);
      event = { type: 'pi-proof', proof, outcome: 'failed', seen: error.message };
    }
    proofs.push(event);
    yield event;
  }
  const first = failures[0];
  if (first !== undefined) throw first.withState('pi-applied');
  return { proofs };
}

async function proveInterface({ host, options, timeoutMs }: ProofContext): Promise<ProofResult> {
  const found = await waitForInterface(host, options.goal, timeoutMs, options.signal);
  return { outcome: 'proven', seen: describeInterface(found) };
}

/** The printer of the goal, or else every printer on its interface. Throws `pi/printer-unknown`, `pi/several-printers`. */
async function printersOf(
  host: PiHost,
  facts: PiFacts,
  { goal, signal }: ProveOptions,
): Promise<readonly PrinterFacts[]> {
  const { printer = null, interfaceName } = goal;
  if (printer !== null || (goal.boards.length > 0 && facts.printers.length > 1)) {
    const chosen = choosePrinter(facts, { printer, configPath: null });
    if ('code' in chosen) throw new CanopusError(chosen.code, `${host.label}: ${chosen.text}`);
    return [chosen];
  }
  const onBus = await host.work.do('printersOn', { facts, interfaceName }, signal);
  return onBus.length > 0 ? onBus : facts.printers;
}

async function proveKlipper(context: ProofContext): Promise<ProofResult> {
  const end = context.options.clock.nowMs() + context.timeoutMs;
  const seen: string[] = [];
  for (const printer of context.printers) {
    const version = await readyVersion(context, printer, end);
    if (version !== null) seen.push(`Klipper${whose(context, printer)} ${version} is ready`);
  }
  return seen.length === 0 ? skipped('Klipper is not running') : { outcome: 'proven', seen: seen.join('; ') };
}

const whose = ({ facts }: ProofContext, { name }: PrinterFacts): string =>
  facts.printers.length === 1 ? '' : ` of ${name}`;

/** Waits until the printer's Klipper is ready; null if it does not run. Throws `pi/klipper-error`, `pi/moonraker-*`. */
async function readyVersion(
  context: ProofContext,
  printer: PrinterFacts,
  end: number,
): Promise<string | null> {
  const { host, facts, options } = context;
  const { clock, signal } = options;
  const of = whose(context, printer);
  for (;;) {
    const answer = answerOf(await host.printers(facts, signal), printer);
    if (answer.kind === 'not-running') return null;
    if (answer.kind === 'auth-needed') {
      throw new CanopusError(
        'pi/moonraker-auth',
        `Moonraker${of} on ${host.label} reports nothing without an API key`,
      );
    }
    const status = answer.kind === 'status' ? answer.status : null;
    if (status?.klippy === 'ready') return status.softwareVersion ?? '';
    // While Klippy starts, or just lost its boards to a reset, it may well report an error that passes.
    if (clock.nowMs() >= end) {
      if (status === null) {
        throw new CanopusError('pi/moonraker-unreachable', `Moonraker${of} on ${host.label} did not reply`);
      }
      const words = status.message ?? 'it gave no reason';
      const message = `Klipper${of} is not ready but in state "${status.klippy}": ${words.trim()}`;
      throw new CanopusError('pi/klipper-error', message, { klippy: status.klippy });
    }
    await clock.sleep(1_000, signal);
  }
}
