import * as z from 'zod/mini';
import { bitrateSchema, txQueueSchema, usualBus, type BusSettings } from '../units.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The settings of the station; the same in every window. */
export const settingsSchema = z.strictObject({
  theme: z.enum(themes),
  /** Recorded in the history with everything this station writes; empty if not set. */
  operator: z.string().check(z.trim(), z.maxLength(100)),
  /** The default for builds and plans for a Pi. */
  defaultBitrateBps: bitrateSchema,
  /** The default for plans for a Pi. */
  defaultTxQueueLength: txQueueSchema,
  /** At the end of a job, and when a person is needed. */
  playSounds: z.boolean(),
  showNotifications: z.boolean(),
  checkForUpdates: z.boolean(),
});

export type Settings = Readonly<z.infer<typeof settingsSchema>>;

export const defaultSettings: Settings = {
  theme: 'system',
  operator: '',
  defaultBitrateBps: usualBus.bitrateBps,
  defaultTxQueueLength: usualBus.txQueueLength,
  playSounds: true,
  showNotifications: true,
  checkForUpdates: false,
};

/** Defaults for builds and plans for a Pi. */
export function busOf({ defaultBitrateBps, defaultTxQueueLength }: Settings): BusSettings {
  return { bitrateBps: defaultBitrateBps, txQueueLength: defaultTxQueueLength };
}

export interface ReadSettings {
  readonly settings: Settings;
  /** Fields of another version; kept, so that going back to it loses nothing. */
  readonly others: Readonly<Record<string, unknown>>;
  /** Fields with values that this version does not accept; the default is used. */
  readonly refused: Readonly<Record<string, unknown>>;
}

/** Reads each field separately: one that is missing or wrong does not cost the others. */
export function readSettings(stored: unknown): ReadSettings {
  const others: Record<string, unknown> = {};
  const refused: Record<string, unknown> = {};
  let settings = defaultSettings;
  const fields = typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? stored : {};
  for (const [name, value] of Object.entries<unknown>({ ...fields })) {
    if (!Object.hasOwn(defaultSettings, name)) {
      others[name] = value;
      continue;
    }
    const read = settingsSchema.safeParse({ ...settings, [name]: value });
    if (read.success) settings = read.data;
    else refused[name] = value;
  }
  return { settings, others, refused };
}
