import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { quoted } from '../quoted.ts';

/**
 * Klippy's own name for its state (Klipper, Status_Reference.md, webhooks), and `disconnected` if it is not running.
 */
export const klippyStateSchema = z.enum(['ready', 'startup', 'shutdown', 'error', 'disconnected']);

type KlippyState = z.infer<typeof klippyStateSchema>;

/**
 * Whether the printer may be disturbed. A paused print is a print; `moving`: no print, but it moves or heats on
 * command.
 */
const activitySchema = z.enum(['idle', 'printing', 'paused', 'moving']);

type PrinterActivity = z.infer<typeof activitySchema>;

const mcuVersionSchema = z.object({
  /** `mcu` or `mcu NAME`. */
  section: z.string(),
  version: z.nullable(z.string()),
  /** The bit rate that its firmware was built for; null if it is on no CAN bus, or does not report one. */
  canbusFrequencyBps: z.nullable(z.number()),
});

export type McuVersion = Plain<z.infer<typeof mcuVersionSchema>>;

const printerStatusSchema = z.object({
  source: z.enum(['moonraker', 'klipper']),
  klippy: klippyStateSchema,
  /** Klippy's message; null if it gave none. */
  message: z.nullable(z.string()),
  activity: activitySchema,
  /** The version of the host software. */
  softwareVersion: z.nullable(z.string()),
  mcus: z.array(mcuVersionSchema),
});

export type PrinterStatus = Plain<z.infer<typeof printerStatusSchema>>;

/** What is known about the printer, or why nothing is known. */
export const printerAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('status'), status: printerStatusSchema }),
  /** Klipper does not run, so nothing can be printing. */
  z.object({ kind: z.literal('not-running') }),
  z.object({ kind: z.literal('auth-needed') }),
  z.object({ kind: z.literal('unreachable') }),
]);

export type PrinterAnswer = Plain<z.infer<typeof printerAnswerSchema>>;

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Klippy's messages have lines; other control characters are left out. */
function text(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  const lines = value
    .slice(0, maxTextLength)
    .split('\n')
    .map((line) => quoted(line, maxTextLength));
  return lines.join('\n');
}

const maxTextLength = 4_000;

/** The word as one of Klippy's states; an unknown one is `error`. */
function klippyState(value: unknown): KlippyState {
  const state = klippyStateSchema.safeParse(value);
  return state.success ? state.data : 'error';
}

/**
 * `print_stats.state`, or `idle_timeout.state` for activity without a print file (Klipper, Status_Reference.md). Only a
 * ready Klippy moves anything.
 */
function activityOf(klippy: KlippyState, objects: unknown): PrinterActivity {
  if (klippy !== 'ready') return 'idle';
  const all = object(objects);
  const print = object(all['print_stats'])['state'];
  if (print === 'printing') return 'printing';
  if (print === 'paused') return 'paused';
  return object(all['idle_timeout'])['state'] === 'Printing' ? 'moving' : 'idle';
}

/** The micro-controllers among queried objects: `mcu` and `mcu NAME`, with `mcu_version`. */
function mcuVersions(objects: unknown): McuVersion[] {
  return Object.entries(object(objects)).flatMap(([section, value]) =>
    section === 'mcu' || section.startsWith('mcu ')
      ? [
          {
            section,
            version: text(object(value)['mcu_version']),
            canbusFrequencyBps: canbusFrequency(object(value)['mcu_constants']),
          },
        ]
      : [],
  );
}

/** Klipper's firmware has the constant CANBUS_FREQUENCY in its dictionary (src/generic/canbus.c, usb_canbus.c). */
function canbusFrequency(constants: unknown): number | null {
  const value = Number(object(constants)['CANBUS_FREQUENCY'] ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : null;
}

/**
 * Reads the replies to `/printer/info` and `/printer/objects/query` (their `result` members; null if there was none),
 * or the same two from Klipper's own socket (API_Server.md: `info`, `objects/query`).
 */
export function parsePrinterStatus(
  source: PrinterStatus['source'],
  info: unknown,
  query: unknown,
): PrinterStatus {
  const told = object(info);
  const klippy = info === null ? 'disconnected' : klippyState(told['state']);
  const objects = object(query)['status'];
  return {
    source,
    klippy,
    message: text(told['state_message']),
    activity: activityOf(klippy, objects),
    softwareVersion: text(told['software_version']),
    mcus: mcuVersions(objects),
  };
}
