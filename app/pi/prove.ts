import { CanopusError } from '../errors.ts';
import type { PiHost } from './pi-host.ts';
import { printingBlocker } from './plan.ts';
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
  const printer = await host.printer(facts, options.signal);
  const proofs: ProofEvent[] = [];
  const failures: CanopusError[] = [];
  const context: ProofContext = { host, facts, options, timeoutMs: options.timeoutMs ?? defaultTimeoutMs };
  const busy = printingBlocker(facts, printer, options);
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

async function proveKlipper({ host, facts, options, timeoutMs }: ProofContext): Promise<ProofResult> {
  const { clock, signal } = options;
  const end = clock.nowMs() + timeoutMs;
  for (;;) {
    const printer = await host.printer(facts, signal);
    if (printer.kind === 'not-running') return skipped('Klipper is not running');
    if (printer.kind === 'auth-needed') {
      throw new CanopusError(
        'pi/moonraker-auth',
        `Moonraker on ${host.label} reports nothing without an API key`,
      );
    }
    const status = printer.kind === 'status' ? printer.status : null;
    if (status?.klippy === 'ready') {
      return { outcome: 'proven', seen: `Klipper ${status.softwareVersion ?? ''} is ready` };
    }
    // While Klippy starts, or just lost its boards to a reset, it may well report an error that passes.
    if (clock.nowMs() >= end) {
      if (status === null) {
        throw new CanopusError('pi/moonraker-unreachable', `Moonraker on ${host.label} did not reply`);
      }
      const words = status.message ?? 'it gave no reason';
      const message = `Klipper is not ready but in state "${status.klippy}": ${words.trim()}`;
      throw new CanopusError('pi/klipper-error', message, { klippy: status.klippy });
    }
    await clock.sleep(1_000, signal);
  }
}
