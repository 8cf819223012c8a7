import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';

/** Identifies a printer in a journal: its configuration file, because a name depends on the other printers. */
export const printerRefSchema = z.object({ name: z.string(), configPath: z.string() });

export type PrinterRef = Plain<z.infer<typeof printerRefSchema>>;

/**
 * The printers that a person has checked to be idle, by name; `true` is the only printer of a Pi. Counts only for a
 * printer that cannot be asked.
 */
export const confirmedIdleSchema = z.union([z.boolean(), z.array(z.string().check(z.maxLength(1000)))]);

export type ConfirmedIdle = Plain<z.infer<typeof confirmedIdleSchema>>;

/** What was confirmed before, and these printers besides; no names mean the only one. */
export function confirmedIdleOf(before: ConfirmedIdle, names: readonly string[]): ConfirmedIdle {
  if (names.length === 0) return true;
  return [...new Set([...(typeof before === 'boolean' ? [] : before), ...names])];
}
