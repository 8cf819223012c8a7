import * as z from 'zod/mini';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** What the person at this station chose once; the same in every window. */
export const settingsSchema = z.strictObject({
  theme: z.enum(themes),
  /** Stands in the history beside everything this station writes; empty where nobody said. */
  operator: z.string().check(z.trim(), z.maxLength(100)),
  /** What builds and plans for a Pi start from. Klipper's CANBUS_FREQUENCY. */
  defaultBitrateBps: z.int().check(z.gte(10_000), z.lte(1_000_000)),
  defaultTxQueueLength: z.int().check(z.gte(10), z.lte(10_000)),
  /** At the end of a job, and when hands are needed. */
  playSounds: z.boolean(),
  showNotifications: z.boolean(),
  checkForUpdates: z.boolean(),
});

export type Settings = Readonly<z.infer<typeof settingsSchema>>;

/** 128 is what Klipper's documentation asks for: a longer queue only delays frames that are stale by then. */
export const defaultSettings: Settings = {
  theme: 'system',
  operator: '',
  defaultBitrateBps: 1_000_000,
  defaultTxQueueLength: 128,
  playSounds: true,
  showNotifications: true,
  checkForUpdates: false,
};

export interface ReadSettings {
  readonly settings: Settings;
  /** Fields of another version; kept, so that going back to it loses nothing. */
  readonly others: Readonly<Record<string, unknown>>;
  /** Fields with values that this version does not take; the default stands in. */
  readonly refused: Readonly<Record<string, unknown>>;
}

/** Takes each field for itself: one that is missing or wrong does not cost the others. */
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
