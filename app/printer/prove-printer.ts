import { CanopusError } from '../errors.ts';
import type { PiHost } from '../pi/pi-host.ts';
import { describeInterface, type ProofEvent, type ProofName } from '../pi/proof.ts';
import type { Clock } from '../transport/clock.ts';
import { answerOf } from '../pi/printers-seen.ts';
import { lookAtPrinter } from './printer-on-pi.ts';

interface ProvePrinterOptions {
  readonly printer: string;
  /** The version that each MCU should report, by section; null: any. */
  readonly expected: ReadonlyMap<string, string | null>;
  /** The CAN interfaces that the MCUs are on. */
  readonly interfaceNames: readonly string[];
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Of all together; default two minutes. */
  readonly timeoutMs?: number;
}

/**
 * Proves a printer after its MCUs were written: its CAN interfaces are up, Klipper is ready, so that it accepts the
 * protocol of every MCU, and each MCU reports the version that was written. Throws `pi/interface-missing`,
 * `pi/klipper-error`, `printer/version-differs`.
 */
export async function* provePrinter(
  host: PiHost,
  options: ProvePrinterOptions,
): AsyncGenerator<ProofEvent, void, void> {
  const end = options.clock.nowMs() + (options.timeoutMs ?? 120_000);
  const works: readonly (readonly [ProofName, string, () => Promise<string>])[] = [
    ['interface', 'the CAN interfaces are up', () => interfacesUp(host, options, end)],
    ['klipper', 'Klipper is ready', () => klipperReady(host, options, end)],
    ['nodes', 'every MCU runs what was written', () => versionsRight(host, options)],
  ];
  for (const [proof, waiting, work] of works) {
    if (proof === 'interface' && options.interfaceNames.length === 0) continue;
    yield { type: 'pi-proof', proof, outcome: 'started', seen: waiting };
    let seen: string;
    try {
      seen = await work();
    } catch (error) {
      if (error instanceof CanopusError)
        yield { type: 'pi-proof', proof, outcome: 'failed', seen: error.message };
      throw error;
    }
    yield { type: 'pi-proof', proof, outcome: 'proven', seen };
  }
}

const everyMs = 1_000;

async function interfacesUp(
  host: PiHost,
  { interfaceNames, clock, signal }: ProvePrinterOptions,
  end: number,
): Promise<string> {
  for (;;) {
    const { interfaces } = await host.look(signal);
    const found = interfaceNames.map((name) => interfaces.find((each) => each.name === name));
    if (found.every((each) => each?.up === true))
      return found.flatMap((each) => (each === undefined ? [] : [describeInterface(each)])).join('; ');
    if (clock.nowMs() >= end) {
      const down = interfaceNames.filter((_, index) => found[index]?.up !== true).join(', ');
      const message = `${down} did not come up again on ${host.label}`;
      throw new CanopusError('pi/interface-missing', message, { interfaceName: down });
    }
    await clock.sleep(everyMs, signal);
  }
}

async function klipperReady(
  host: PiHost,
  { printer, clock, signal }: ProvePrinterOptions,
  end: number,
): Promise<string> {
  for (;;) {
    const { facts, printer: found } = await lookAtPrinter(host, printer, signal);
    const answer = answerOf(await host.printers(facts, signal), found);
    const status = answer.kind === 'status' ? answer.status : null;
    if (status?.klippy === 'ready') return `Klipper ${status.softwareVersion ?? ''} is ready`;
    if (clock.nowMs() >= end) {
      const state = status === null ? 'not running' : `in state "${status.klippy}"`;
      const words = status?.message?.trim() ?? 'it gave no reason';
      const message = `Klipper of ${printer} on ${host.label} is ${state}: ${words}`;
      throw new CanopusError('pi/klipper-error', message, { klippy: status?.klippy ?? null });
    }
    await clock.sleep(everyMs, signal);
  }
}

async function versionsRight(
  host: PiHost,
  { printer, expected, signal }: ProvePrinterOptions,
): Promise<string> {
  const { reported } = await lookAtPrinter(host, printer, signal);
  const all = [...expected].map(([name, version]) => ({
    ...{ name, version },
    reports: reported.get(name)?.version ?? null,
  }));
  const wrong = all.filter(
    ({ version, reports }) => reports === null || (version !== null && reports !== version),
  );
  if (wrong.length > 0) {
    const words = wrong.map(
      ({ name, version, reports }) =>
        `[${name}] reports ${reports ?? 'nothing'} instead of ${version ?? 'a version'}`,
    );
    const message = `${words.join('; ')}, on ${host.label}`;
    throw new CanopusError('printer/version-differs', message, { mcus: wrong.map(({ name }) => name) });
  }
  return all.map(({ name, reports }) => `[${name}] runs ${reports ?? ''}`).join('; ');
}
