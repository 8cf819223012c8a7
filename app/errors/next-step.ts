import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { System } from '../system.ts';
import type { ErrorRow, SurfaceWords } from './error-row.ts';
import { errorTable } from './error-table.ts';

/** Where a person reads a text: what it may name differs. */
export type Surface = 'window' | 'terminal';

export interface Reader {
  readonly surface: Surface;
  /** The one the station runs on, which may not be the one that shows the window. */
  readonly system: System;
  /** Of the error. */
  readonly details?: ErrorDetails;
}

/** What a person may do now about a failure: one or two sentences for the place and the system they are at. */
export function nextStep(code: ErrorCode, { surface, system, details = {} }: Reader): string {
  const row: ErrorRow = errorTable[code];
  const { window, terminal }: SurfaceWords = row.cases?.find((one) => fits(one, details)) ?? row.next;
  const words = surface === 'terminal' ? (terminal ?? window) : window;
  return filledIn(typeof words === 'string' ? words : words[system], details);
}

function fits({ detail, is }: { detail: string; is?: string }, details: ErrorDetails): boolean {
  const value = details[detail] ?? null;
  return value !== null && (is === undefined || value === is);
}

/** Puts the details where the words have `{name}`. */
function filledIn(words: string, details: ErrorDetails): string {
  return words.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = details[name] ?? null;
    return value === null ? placeholder : Array.isArray(value) ? value.join(', ') : String(value);
  });
}
