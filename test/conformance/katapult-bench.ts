import { expect } from 'vitest';
import { isCanopusError, type CanopusError } from '../../app/errors.ts';
import type { FlashEvent, FlashReport } from '../../app/flash/flash-event.ts';
import { flashWithKatapult, type KatapultFlashOptions } from '../../app/flash/katapult-flasher.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { Fault } from '../../main/sim/fault.ts';
import { RecordingByteLink } from './recording-byte-link.ts';

/** Faults as the bench control takes them: without what has a default. */
export type KatapultFault = Partial<Fault> & { readonly kind: Fault['kind'] } & Readonly<
    Record<string, unknown>
  >;

/** One STM32F446 board with Katapult for 0x08008000, and the hands of the person in front of it. */
export interface KatapultBench {
  readonly clock: Clock;
  /** Opens the serial port of the board, which runs Katapult. */
  open(): Promise<ByteLink>;
  /** Pulls the plug and puts it in again: what starts depends on what flash holds. */
  powerCycle(): Promise<void>;
  /** The reset button twice within half a second. */
  doubleTap(): Promise<void>;
  runs(): Promise<'katapult' | 'application'>;
  loadFlash(address: number, bytes: Uint8Array): Promise<void>;
  /** All of flash, from 0x08000000. */
  dumpFlash(): Promise<Uint8Array>;
  injectFault(fault: KatapultFault): Promise<void>;
  clearFaults(): Promise<void>;
  close?(): Promise<void>;
}

export const flashAddress = 0x08000000;
export const applicationAddress = 0x08008000;
export const applicationOffset = applicationAddress - flashAddress;
export const mcu = 'stm32f446xx';
export const blockSize = 64;
export const blocksInFirstSector = 0x4000 / blockSize;

/** An application as no two places of it are alike; the first word is a stack pointer. */
function application(bytes: number, salt: number): Uint8Array {
  const image = Uint8Array.from(
    { length: bytes },
    (_, index) => (index * 31 + (index >> 6) * salt + salt) & 0xff,
  );
  image.set([0x00, 0x00, 0x02, 0x20, 0xc1, 0xe1, 0x00, 0x08]);
  return image;
}

/** The former one reaches over three sectors. */
export const former = application(0x9000, 3);
/** In the first sector, ending in the middle of a block. */
export const small = application(40 * blockSize - 20, 5);
/** Over the first sector and into the next one. */
export const large = application(0x4000 + 24 * blockSize - 7, 7);

export interface Outcome {
  readonly report: FlashReport | null;
  readonly error: CanopusError | null;
  readonly events: readonly FlashEvent[];
  readonly link: RecordingByteLink;
}

type RunOptions = Partial<KatapultFlashOptions> & {
  readonly onEvent?: (event: FlashEvent) => void;
  readonly keepOpen?: boolean;
};

/** One run to its end; throws only what is no coded error. */
export async function run(
  bench: KatapultBench,
  image: Uint8Array,
  options: RunOptions = {},
): Promise<Outcome> {
  const { onEvent, keepOpen = false, ...rest } = options;
  const link = new RecordingByteLink(await bench.open());
  const events: FlashEvent[] = [];
  const flash = flashWithKatapult(link, image, {
    clock: bench.clock,
    expectedMcu: mcu,
    applicationAddress,
    ...rest,
  });
  try {
    for (;;) {
      const step = await flash.next();
      if (step.done === true) return { report: step.value, error: null, events, link };
      events.push(step.value);
      onEvent?.(step.value);
    }
  } catch (error) {
    if (!isCanopusError(error)) throw error;
    return { report: null, error, events, link };
  } finally {
    if (!keepOpen) await link.close();
  }
}

export async function installedApplication(bench: KatapultBench, bytes: number): Promise<Uint8Array> {
  const flash = await bench.dumpFlash();
  return flash.subarray(applicationOffset, applicationOffset + bytes);
}

/** What flash holds after a good run over `before`: whole sectors erased, then the image. */
export function installed(before: Uint8Array, image: Uint8Array): Uint8Array {
  const after = before.slice();
  const sectorEnd = Math.ceil(image.length / 0x4000) * 0x4000;
  after.fill(0xff, applicationOffset, applicationOffset + sectorEnd);
  after.set(image, applicationOffset);
  return after;
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Whatever happened: the same tool brings the board round, if need be after a double tap. */
export async function expectRecoverable(bench: KatapultBench, image: Uint8Array): Promise<void> {
  await bench.clearFaults();
  if ((await bench.runs()) !== 'katapult') await bench.doubleTap();
  expect(await bench.runs()).toBe('katapult');
  const { report, error } = await run(bench, image);
  expect(error).toBeNull();
  expect(report?.bytesVerified).toBe(image.length);
  expect(same(await installedApplication(bench, image.length), image)).toBe(true);
}
