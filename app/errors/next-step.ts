import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { System } from '../system.ts';
import type { ErrorRow, NextStepCase, Surface, SurfaceWords } from './error-row.ts';
import { errorTable } from './error-table.ts';

interface Reader {
  readonly surface: Surface;
  /** The system of the station, which may differ from that of the window. */
  readonly system: System;
  /** The details of the error. */
  readonly details?: ErrorDetails;
}

/** What a person can do about a failure: one or two sentences for their place and system. */
export function nextStep(code: ErrorCode, { surface, system, details = {} }: Reader): string {
  const row: ErrorRow = errorTable[code];
  const { window, terminal }: SurfaceWords = row.cases?.find((one) => fits(one, details)) ?? row.next;
  const words = surface === 'terminal' ? (terminal ?? window) : window;
  return filledIn(typeof words === 'string' ? words : words[system], details);
}

function fits({ when }: NextStepCase, details: ErrorDetails): boolean {
  return Object.entries(when).every(([name, wanted]) =>
    wanted === true ? shown(details[name]) !== '' : details[name] === wanted,
  );
}

/** Replaces `{name}` in the text with the detail of that name. */
function filledIn(words: string, details: ErrorDetails): string {
  return words.replace(/\{(\w+)\}/g, (_, name: string) => shown(details[name]));
}

function shown(value: ErrorDetails[string] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : String(value ?? '');
}
