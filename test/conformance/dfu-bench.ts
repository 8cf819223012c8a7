import { expect } from 'vitest';
import type { CanopusError } from '../../app/errors.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { InstallOptions } from '../../app/flash/dfu-install.ts';
import type { InstallReport } from '../../app/flash/flash-event.ts';
import { installWithDfu } from '../../app/flash/dfu-install.ts';
import type { FlashEvent } from '../../app/flash/flash-event.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { Fault } from '../../main/sim/fault.ts';
import { RecordingLink } from './recording-link.ts';

export interface DfuBenchOptions {
  /** F446: 512 KiB, F407: 1 MiB, F429: 1 MiB with the broken string descriptor, or 2 MiB; the others: their usual size. */
  readonly chip:
    'F446' | 'F407' | 'F429' | 'F429-2M' | 'G0B1' | 'H723' | 'H723-512' | 'H743' | 'F072' | 'F042';
  /** Whether the ROM lets the UID be read; default true. */
  readonly uidReadable?: boolean;
  /** Where the board's power comes from: with `usb`, the default, pulling the cable cuts it. */
  readonly supply?: 'usb' | 'external';
}

/** Faults as the bench control takes them: without what has a default. */
export type DfuFault = Partial<Fault> & { readonly kind: Fault['kind'] } & Readonly<Record<string, unknown>>;

/** One chip in ROM DFU, and the hands of the person in front of it. */
export interface DfuBench {
  readonly clock: Clock;
  /** 24 upper-case hex digits. */
  readonly uid: string;
  readonly flashBytes: number;
  /** Opens the device as it is on the bus now. */
  open(): Promise<UsbLink>;
  /** Whether the device that was opened last is still there, in DFU. */
  isInDfu(): Promise<boolean>;
  /** Resolves with true once Katapult shows on USB, false if it does not within seconds. */
  startsKatapult(): Promise<boolean>;
  /** BOOT0 on, power off and on: back in ROM DFU, plugged in. */
  enterDfu(): Promise<void>;
  /** Pulls the cable, where it is not pulled, and plugs it in again; nothing is reset on a board that kept its power. */
  replug(): Promise<void>;
  loadFlash(address: number, bytes: Uint8Array): Promise<void>;
  /** All of flash, from 0x08000000. */
  dumpFlash(): Promise<Uint8Array>;
  /** How often each sector was erased. */
  eraseCounts(): Promise<readonly number[]>;
  injectFault(fault: DfuFault): Promise<void>;
  clearFaults(): Promise<void>;
  close?(): Promise<void>;
}

export const flashAddress = 0x08000000;
export const applicationAddress = 0x08008000;
export const sectorSize = 0x4000;

export interface Outcome {
  readonly report: InstallReport | null;
  readonly error: CanopusError | null;
  readonly events: readonly FlashEvent[];
  readonly link: RecordingLink;
}

export type RunOptions = Partial<InstallOptions> & { readonly onEvent?: (event: FlashEvent) => void };

/** One run to its end; throws only what is no coded error. */
export async function run(bench: DfuBench, image: Uint8Array, options: RunOptions = {}): Promise<Outcome> {
  const { onEvent, ...rest } = options;
  const link = new RecordingLink(await bench.open());
  const events: FlashEvent[] = [];
  const flash = installWithDfu(link, image, {
    clock: bench.clock,
    applicationAddress,
    checkTarget: () => [],
    ...rest,
  });
  try {
    for (;;) {
      const step = await flash.next();
      if (step.done) return { report: step.value, error: null, events, link };
      events.push(step.value);
      onEvent?.(step.value);
    }
  } catch (error) {
    if (!isCanopusError(error)) throw error;
    return { report: null, error, events, link };
  } finally {
    await link.close();
  }
}

/** A program of another maker all over the chip: no byte is erased, and it could be started. */
const formerProgram = Uint8Array.from(
  { length: 2 ** 21 },
  (_, index) => (index * 7 + (index >> 8) + 1) % 251,
);
formerProgram.set([0x00, 0x00, 0x02, 0x20, 0xc1, 0x01, 0x00, 0x08]);

export function formerContents(bytes: number): Uint8Array {
  return formerProgram.slice(0, bytes);
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function isErased(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}

/** What flash holds after a good run over `before`. */
export function installed(before: Uint8Array, image: Uint8Array): Uint8Array {
  const after = before.slice();
  after.fill(0xff, 0, Math.ceil(image.length / sectorSize) * sectorSize);
  after.fill(0xff, applicationAddress - flashAddress, applicationAddress - flashAddress + sectorSize);
  after.set(image);
  return after;
}

/**
 * Whether the chip would start something at 0x08000000 with BOOT0 low: the reset vector points into flash. A vector that
 * is erased or programmed in part (its last byte still ff) points nowhere, and the CPU locks up at once.
 */
export function isStartable(flash: Uint8Array): boolean {
  return flash[7] === flashAddress >>> 24;
}

/**
 * The guarantee after any end of a run: untouchable parts are unchanged, "untouched" is true, and the chip can start
 * the old program completely or the new one completely, never a part of either.
 */
export async function expectSafe(
  bench: DfuBench,
  before: Uint8Array,
  image: Uint8Array,
  error: CanopusError,
): Promise<void> {
  const after = await bench.dumpFlash();
  const wanted = installed(before, image);
  const untouched = same(after, before);
  if (error.state === 'untouched') expect(untouched).toBe(true);
  if (error.state === 'dfu-written') expect(same(after, wanted)).toBe(true);
  expect(['untouched', 'dfu-partial', 'dfu-written']).toContain(error.state);
  expect(same(after.subarray(sectorSize, 2 * sectorSize), before.subarray(sectorSize, 2 * sectorSize))).toBe(
    true,
  );
  expect(same(after.subarray(3 * sectorSize), before.subarray(3 * sectorSize))).toBe(true);
  if (isStartable(after) && !untouched) expect(same(after, wanted)).toBe(true);
}

/** The same tool recovers the board: a run after it is back in DFU ends well. */
export async function expectGoodRun(
  bench: DfuBench,
  image: Uint8Array,
  back: 'enterDfu' | 'replug' = 'enterDfu',
): Promise<void> {
  await bench.clearFaults();
  await bench[back]();
  const before = await bench.dumpFlash();
  const { report, error } = await run(bench, image);
  expect(error).toBe(null);
  expect(report?.outcome).toBe('installed');
  expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
}

/** GETSTATE (USB DFU 1.1, 6.1.5), which changes nothing. */
export async function dfuState(bench: DfuBench): Promise<number | undefined> {
  const link = await bench.open();
  try {
    const getState = { bmRequestType: 0xa1, bRequest: 5, wValue: 0, wIndex: 0 };
    const answer = await link.controlIn(getState, 1, { timeoutMs: 5000 });
    return answer[0];
  } finally {
    await link.close();
  }
}

/** The boards of one test. */
export interface DfuBoards {
  /** A blank chip in ROM DFU. */
  readonly fresh: (options?: DfuBenchOptions) => Promise<DfuBench>;
  /** A blank chip whose ROM reports errFIRMWARE first, as ST's do after a reset. */
  readonly justReset: () => Promise<DfuBench>;
  /** A chip with a foreign program all over its flash. */
  readonly used: (options?: DfuBenchOptions) => Promise<{ bench: DfuBench; before: Uint8Array }>;
  /** Strike at every n-th place. */
  readonly stride: number;
  readonly waits: boolean;
}
