import { CanopusError, isCanopusError } from '../errors.ts';
import type { ConfigMcu } from '../pi/config-mcus.ts';
import type { PiFacts, PrinterFacts } from '../pi/facts.ts';
import { hotHeaters, type Heater } from '../pi/heaters.ts';
import type { PiHost } from '../pi/pi-host.ts';
import type { PlanBlocker } from '../pi/plan-types.ts';
import { choosePrinter } from '../pi/plan-printer.ts';
import type { McuVersion } from '../pi/printer-status.ts';
import { answerOf, printingBlocker } from '../pi/printers-seen.ts';

/** A printer as its Pi shows it. */
export interface PrinterOnPi {
  readonly facts: PiFacts;
  readonly printer: PrinterFacts;
  /** In the order of printer.cfg. */
  readonly mcus: readonly ConfigMcu[];
  /** What Klipper knows of them by section; empty if it is not ready. */
  readonly reported: ReadonlyMap<string, McuVersion>;
  readonly hostVersion: string | null;
  readonly busy: PlanBlocker | null;
  /** What heats, and hot ends that are not cold; null: Klipper runs, and its heaters cannot be read. */
  readonly hot: readonly Heater[] | null;
}

/**
 * Looks at a printer of a Pi; null for the only one. Changes nothing. Throws `pi/printer-unknown`,
 * `pi/several-printers`, `pi/no-printer-config` and as the host does.
 */
export async function lookAtPrinter(
  host: PiHost,
  name: string | null,
  signal?: AbortSignal,
): Promise<PrinterOnPi> {
  const facts = await host.look(signal);
  const printer = choosePrinter(facts, { printer: name, configPath: null });
  if ('code' in printer) throw new CanopusError(printer.code, `${host.label}: ${printer.text}`);
  const seen = await host.printers(facts, signal);
  const answer = answerOf(seen, printer);
  const mcus = await host.work.do('configMcus', { facts, printer }, signal);
  const reported = await reportedBy(host, printer, signal);
  return {
    ...{ facts, printer, mcus, reported },
    hostVersion:
      (answer.kind === 'status' ? answer.status.softwareVersion : null) ?? facts.klipperTree?.version ?? null,
    busy: printingBlocker(seen, { confirmedIdle: false }),
    hot: await hotNow(host, printer, signal),
  };
}

/** A Klipper that does not run heats nothing. */
async function hotNow(
  host: PiHost,
  printer: PrinterFacts,
  signal?: AbortSignal,
): Promise<readonly Heater[] | null> {
  if (printer.pid === null) return [];
  try {
    return hotHeaters(await host.heaters(printer, signal));
  } catch (error) {
    if (isCanopusError(error) && error.code.startsWith('pi/moonraker-')) return null;
    throw error;
  }
}

/** What Klipper says of its MCUs. A Moonraker that says nothing leaves them unknown. */
async function reportedBy(
  host: PiHost,
  printer: PrinterFacts,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, McuVersion>> {
  if (printer.pid === null) return new Map();
  try {
    return new Map((await host.mcus(printer, signal)).map((each) => [each.section, each]));
  } catch (error) {
    const isSilent = isCanopusError(error) && error.code.startsWith('pi/moonraker-');
    if (isSilent) return new Map();
    throw error;
  }
}
