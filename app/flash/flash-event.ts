import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';

/** What a flasher is doing. The order in which a run passes through these is fixed per flasher. */
export const phaseSchema = z.enum([
  'connect',
  'check',
  'backup',
  'unprotect',
  'erase',
  'write',
  'verify',
  'leave',
]);
export type Phase = z.infer<typeof phaseSchema>;

/** `bytesDone` never exceeds `bytesTotal`. Percent, speed and time left are derived by whatever shows them. */
export const flashEventSchemas = [
  z.object({
    type: z.literal('phase'),
    phase: phaseSchema,
    /** False while an interruption would leave something half done that takes a repeat to mend. */
    safeToStop: z.boolean(),
  }),
  z.object({ type: z.literal('target'), mcu: z.nullable(z.string()), bootloader: z.string() }),
  z.object({
    type: z.literal('progress'),
    phase: phaseSchema,
    bytesDone: z.int(),
    bytesTotal: z.int(),
  }),
  /** The sectors that are about to be erased, if no image determines them. */
  z.object({
    type: z.literal('erasing'),
    sectors: z.array(z.object({ address: z.int(), size: z.int() })),
  }),
  z.object({ type: z.literal('note'), text: z.string() }),
] as const;

export type FlashEvent = Plain<z.infer<(typeof flashEventSchemas)[number]>>;

export const flashReportSchema = z.object({
  bytesWritten: z.int(),
  /** Equal to `bytesWritten`: a run that could not read everything back throws instead. */
  bytesVerified: z.int(),
  /** An upper bound: a bootloader that skips blank sectors does not say which. */
  sectorsErased: z.int(),
  /** Of the original image, lower-case hex. */
  sha256: z.string(),
  /** The chip's unique id if the bootloader reported it, 24 upper-case hex digits. */
  uid: z.nullable(z.string()),
});

export type FlashReport = Plain<z.infer<typeof flashReportSchema>>;

/** Of a write through a bootloader. */
export interface InstallReport extends FlashReport {
  /**
   * `installed`: written and read back. `protection-removed`: the chip erased itself completely and disappears; wait
   * until it is back in the same bootloader and write once more. Nothing was written.
   */
  readonly outcome: 'installed' | 'protection-removed';
}

export type InstallRun = AsyncGenerator<FlashEvent, InstallReport, void>;

export type FlashRun = AsyncGenerator<FlashEvent, FlashReport, void>;
