import type { PiFacts, PrinterFacts } from './facts.ts';
import type { PlanBlocker } from './plan-types.ts';
import type { ConfirmedIdle, PrinterRef } from './printer-ref.ts';
import type { PrinterAnswer } from './printer-status.ts';

/** One printer of a Pi, and what it does. */
export interface PrinterSeen {
  /** As in `PiFacts.printers`; that of its port for a Moonraker whose printer was not found. */
  readonly name: string;
  /** Null for such a Moonraker. */
  readonly configPath: string | null;
  readonly answer: PrinterAnswer;
}

/** What is known of a printer; `not-running` for one that was not asked. */
export function answerOf(seen: readonly PrinterSeen[], printer: PrinterFacts): PrinterAnswer {
  return seen.find(({ configPath }) => configPath === printer.configPath)?.answer ?? { kind: 'not-running' };
}

/**
 * Never during a print of any printer: can0, the network and a reset of the bridge are common to all. Null if every
 * printer is idle, or a person has confirmed that of those that cannot be asked.
 */
export function printingBlocker(
  seen: readonly PrinterSeen[],
  { confirmedIdle }: { readonly confirmedIdle: ConfirmedIdle },
): PlanBlocker | null {
  const alone = seen.length <= 1;
  const busy = seen.flatMap(({ name, answer }) => {
    const what = answer.kind === 'status' ? activityWords[answer.status.activity] : null;
    return what === null ? [] : [`${alone ? 'the printer' : name} ${what}`];
  });
  if (busy.length > 0) return { code: 'pi/printing', text: busy.join('; ') };
  const unknown = seen.flatMap(({ name, answer }) => {
    const why = answer.kind === 'status' ? null : unknownWords[answer.kind];
    return why === null || isConfirmed(confirmedIdle, name, alone) ? [] : [{ name, why }];
  });
  if (unknown.length === 0) return null;
  const text = unknown.map(({ name, why }) => (alone ? why : `${name}: ${why}`)).join('; ');
  const code = 'pi/print-state-unknown';
  return alone ? { code, text } : { code, text, printers: unknown.map(({ name }) => name) };
}

function isConfirmed(confirmedIdle: ConfirmedIdle, name: string, alone: boolean): boolean {
  return typeof confirmedIdle === 'boolean' ? confirmedIdle && alone : confirmedIdle.includes(name);
}

const activityWords = {
  idle: null,
  printing: 'is printing',
  paused: 'has a paused print',
  moving: 'is moving or heating',
} as const;

const unknownWords = {
  'not-running': null,
  'auth-needed': 'Klipper runs, but Moonraker requires an API key',
  unreachable: 'Klipper runs, but Moonraker does not reply',
} as const;

/**
 * The printer that a step restarts. Changes of earlier versions have no reference, but may have its unit. Null if it is
 * none of this Pi's, or cannot be told.
 */
export function printerOf(
  { printers }: PiFacts,
  step: { readonly printer?: PrinterRef | undefined; readonly unit: string | null },
): PrinterFacts | null {
  const { printer: ref, unit } = step;
  if (ref !== undefined) return printers.find(({ configPath }) => configPath === ref.configPath) ?? null;
  const [only] = printers;
  if (printers.length === 1 && only !== undefined) return only;
  return printers.find((each) => unit !== null && each.unit === unit) ?? null;
}
