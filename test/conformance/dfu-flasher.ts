import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CanopusError } from '../../app/errors.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { DfuReport, InstallOptions } from '../../app/flash/dfu-install.ts';
import { installWithDfu } from '../../app/flash/dfu-install.ts';
import type { FlashEvent } from '../../app/flash/flash-event.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { Fault } from '../../main/sim/fault.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { RecordingLink } from './recording-link.ts';

export interface DfuBenchOptions {
  /** 512 KiB, 1 MiB, 1 MiB with the broken string descriptor, 2 MiB. */
  readonly chip: 'F446' | 'F407' | 'F429' | 'F429-2M';
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
  isInDfu(): Promise<boolean>;
  /** Resolves with true once Katapult shows on USB, false where it does not within seconds. */
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

const flashAddress = 0x08000000;
const applicationAddress = 0x08008000;
const sectorSize = 0x4000;
const chips = [
  ['F446', 'stm32f446xx'],
  ['F407', 'stm32f407xx'],
  ['F429', 'stm32f429xx'],
  ['F429-2M', 'stm32f429xx'],
] as const;

interface Outcome {
  readonly report: DfuReport | null;
  readonly error: CanopusError | null;
  readonly events: readonly FlashEvent[];
  readonly link: RecordingLink;
}

type RunOptions = Partial<InstallOptions> & { readonly onEvent?: (event: FlashEvent) => void };

/** One run to its end; throws only what is no coded error. */
async function run(bench: DfuBench, image: Uint8Array, options: RunOptions = {}): Promise<Outcome> {
  const { onEvent, ...rest } = options;
  const link = new RecordingLink(await bench.open());
  const events: FlashEvent[] = [];
  const flash = installWithDfu(link, image, { clock: bench.clock, applicationAddress, ...rest });
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

function formerContents(bytes: number): Uint8Array {
  return formerProgram.slice(0, bytes);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function isErased(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}

/** What flash holds after a good run over `before`. */
function installed(before: Uint8Array, image: Uint8Array): Uint8Array {
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
function isStartable(flash: Uint8Array): boolean {
  return flash[7] === flashAddress >>> 24;
}

/**
 * The promise that holds after any end of a run: what must not be touched is as it was, "untouched" is true, and the
 * chip can start the former program in full or the new one in full, never a part of either.
 */
async function expectSafe(
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
async function expectGoodRun(
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

export interface DfuSuiteOptions {
  /** Strikes at every n-th place only, where each run takes real time. Default 1: at every place. */
  readonly stride?: number;
}

/**
 * What the DFU flasher promises, on whatever stands behind UsbLink. `makeBench` gives a fresh chip in ROM DFU for each
 * board that a test needs.
 */
export function dfuFlasherSuite(
  name: string,
  makeBench: (options: DfuBenchOptions) => DfuBench | Promise<DfuBench>,
  { stride = 1 }: DfuSuiteOptions = {},
): void {
  const image = makeKatapultImage({ mcu: 'stm32f446xx' });

  describe(`DFU flasher on ${name}`, () => {
    let open: DfuBench[] = [];
    beforeEach(() => {
      open = [];
    });
    afterEach(async () => {
      for (const bench of open) await bench.close?.();
    });

    async function fresh(options: DfuBenchOptions = { chip: 'F446' }): Promise<DfuBench> {
      const bench = await makeBench(options);
      open.push(bench);
      return bench;
    }

    /** A blank chip whose ROM reports errFIRMWARE first, as ST's do after a reset. */
    async function justReset(): Promise<DfuBench> {
      const bench = await fresh();
      await bench.injectFault({ kind: 'first-status-error' });
      await bench.enterDfu();
      return bench;
    }

    /** A chip with somebody's program all over its flash. */
    async function used(
      options: DfuBenchOptions = { chip: 'F446' },
    ): Promise<{ bench: DfuBench; before: Uint8Array }> {
      const bench = await fresh(options);
      const before = formerContents(bench.flashBytes);
      await bench.loadFlash(flashAddress, before);
      return { bench, before };
    }

    describe('a good run', () => {
      it.each(chips)('installs on %s, starts it, and touches nothing but two sectors', async (chip, mcu) => {
        const { bench, before } = await used({ chip });
        const own = makeKatapultImage({ mcu });
        const { report, error } = await run(bench, own);
        expect(error).toBe(null);
        expect(report).toMatchObject({
          outcome: 'installed',
          bytesWritten: own.length,
          bytesVerified: own.length,
          sectorsErased: 2,
          uid: bench.uid,
        });
        expect(same(await bench.dumpFlash(), installed(before, own))).toBe(true);
        const counts = await bench.eraseCounts();
        expect(counts.flatMap((count, index) => (count > 0 ? [`${index}: ${count}`] : []))).toEqual([
          '0: 1',
          '2: 1',
        ]);
        expect(await bench.startsKatapult()).toBe(true);
      });

      it('installs again over its own work', async () => {
        const { bench } = await used();
        await run(bench, image);
        await expectGoodRun(bench, makeKatapultImage({ seed: 2 }));
      });

      it('spares the erase of an application sector that is erased already, and says so', async () => {
        const bench = await justReset();
        const { report, events } = await run(bench, image);
        expect(report?.sectorsErased).toBe(1);
        expect(events.some((event) => event.type === 'note' && event.text.includes('erased already'))).toBe(
          true,
        );
        expect((await bench.eraseCounts()).slice(0, 3)).toEqual([1, 0, 0]);
      });

      it('erases an application sector that only begins erased', async () => {
        const bench = await justReset();
        await bench.loadFlash(applicationAddress + 0x3ffc, Uint8Array.of(0));
        const { report } = await run(bench, image);
        expect(report?.sectorsErased).toBe(2);
        expect(same(await bench.dumpFlash(), installed(await bench.dumpFlash(), image))).toBe(true);
      });

      it('writes images that fill no whole word, one block, a block exactly, a sector exactly', async () => {
        for (const size of [8, 9, 2046, 2047, 2048, 2049, 4096, 16_383, 16_384, 16_385, 32_768]) {
          const { bench, before } = await used();
          const odd = formerContents(size);
          const { report, error } = await run(bench, odd);
          expect(error).toBe(null);
          expect(report?.bytesVerified).toBe(size);
          expect(same(await bench.dumpFlash(), installed(before, odd))).toBe(true);
        }
      });

      it('answers no UID where the ROM does not tell, and goes on', async () => {
        const bench = await fresh({ chip: 'F446', uidReadable: false });
        const { report } = await run(bench, image);
        expect(report).toMatchObject({ outcome: 'installed', uid: null });
      });

      it('says what it does in order, and never more bytes than there are', async () => {
        const { bench } = await used();
        const { events } = await run(bench, image);
        const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
        expect(phases).toEqual(['connect', 'check', 'erase', 'write', 'verify', 'leave']);
        const last = new Map<string, number>();
        for (const event of events) {
          if (event.type !== 'progress') continue;
          expect(event.bytesDone).toBeLessThanOrEqual(event.bytesTotal);
          expect(event.bytesDone).toBeGreaterThan(last.get(event.phase) ?? 0);
          last.set(event.phase, event.bytesDone);
        }
        expect(last.get('verify')).toBe(image.length);
        expect(last.get('erase')).toBe(2 * sectorSize);
      });

      it('stays in dfuIDLE where it is not to leave', async () => {
        const bench = await fresh();
        const { report } = await run(bench, image, { leave: false });
        expect(report?.outcome).toBe('installed');
        expect(await bench.isInDfu()).toBe(true);
        expect(await dfuState(bench)).toBe(2);
      });

      it('takes a device that leaves without answering for success', async () => {
        const bench = await fresh();
        await bench.injectFault({ kind: 'leave-unanswered' });
        const { report } = await run(bench, image);
        expect(report?.outcome).toBe('installed');
        expect(await bench.startsKatapult()).toBe(true);
      });
    });

    describe('checks before anything is erased', () => {
      it('lets the caller refuse the chip by what it says of itself', async () => {
        const { bench, before } = await used({ chip: 'F407' });
        const { error } = await run(bench, image, {
          checkTarget: ({ flashBytes, layout, uid }) => {
            expect(layout.name).toBe('Internal Flash');
            expect(uid).toBe(bench.uid);
            throw new RangeError(`${flashBytes} bytes`);
          },
        });
        expect(error).toMatchObject({ code: 'internal', message: '1048576 bytes', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
        expect(await dfuState(bench)).toBe(2);
      });

      it('refuses an image that reaches into the application, or beyond the flash', async () => {
        const { bench, before } = await used();
        const tooLarge = await run(bench, new Uint8Array(0x8001));
        expect(tooLarge.error).toMatchObject({ code: 'image/does-not-fit', state: 'untouched' });
        const beyond = await run(bench, new Uint8Array(513 * 1024), { applicationAddress: 0x08090000 });
        expect(beyond.error).toMatchObject({ code: 'image/does-not-fit', state: 'untouched' });
        const outside = await run(bench, image, { applicationAddress: 0x08080000 });
        expect(outside.error).toMatchObject({ code: 'image/does-not-fit', state: 'untouched' });
        const inside = await run(bench, image, { applicationAddress: 0x08009000 });
        expect(inside.error).toMatchObject({ code: 'image/wrong-address', state: 'untouched' });
        const tiny = await run(bench, new Uint8Array(7));
        expect(tiny.error).toMatchObject({ code: 'image/truncated', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
      });
    });

    describe('backup', () => {
      it('hands over all of flash, complete, before the first erase', async () => {
        const { bench, before } = await used();
        const pieces: Uint8Array[] = [];
        let countsAtEnd: readonly number[] = [];
        const { report, events } = await run(bench, image, {
          backup: {
            write: (bytes, address) => {
              expect(address).toBe(flashAddress + pieces.reduce((sum, piece) => sum + piece.length, 0));
              pieces.push(bytes.slice());
              return Promise.resolve();
            },
            complete: async () => {
              countsAtEnd = await bench.eraseCounts();
            },
          },
        });
        expect(report?.outcome).toBe('installed');
        expect(countsAtEnd.every((count) => count === 0)).toBe(true);
        const saved = new Uint8Array(pieces.flatMap((piece) => [...piece]));
        expect(same(saved, before)).toBe(true);
        const progress = events.filter((event) => event.type === 'progress' && event.phase === 'backup');
        expect(progress.at(-1)).toMatchObject({ bytesDone: before.length, bytesTotal: before.length });
      });

      it.each(['write', 'complete'] as const)('erases nothing when the sink fails in %s', async (method) => {
        const { bench, before } = await used();
        const fail = () => Promise.reject(new Error('disk full'));
        const good = () => Promise.resolve();
        const { error } = await run(bench, image, {
          backup: { write: good, complete: good, [method]: fail },
        });
        expect(error).toMatchObject({ message: 'disk full', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
        expect(await dfuState(bench)).toBe(2);
      });
    });

    describe('a device that an earlier tool left in some state', () => {
      const staged = { bmRequestType: 0x21, bRequest: 1, wValue: 0, wIndex: 0 };
      const getStatus = { bmRequestType: 0xa1, bRequest: 3, wValue: 0, wIndex: 0 };
      const upload = { bmRequestType: 0xa1, bRequest: 2, wValue: 2, wIndex: 0 };
      const timeoutMs = 5000;

      async function leftBehind(
        leave: (link: UsbLink) => Promise<unknown>,
      ): Promise<{ bench: DfuBench; before: Uint8Array }> {
        const made = await used();
        const link = await made.bench.open();
        await link.claimInterface(0);
        await leave(link);
        await link.close();
        return made;
      }

      async function expectInstalled(bench: DfuBench, before: Uint8Array): Promise<void> {
        const { report, error } = await run(bench, image);
        expect(error).toBe(null);
        expect(report?.outcome).toBe('installed');
        expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
      }

      it('clears errFIRMWARE of the first GETSTATUS after a reset', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'first-status-error' });
        await bench.enterDfu();
        await expectInstalled(bench, before);
      });

      it('ends an upload', async () => {
        const { bench, before } = await leftBehind((link) => link.controlIn(upload, 2048, { timeoutMs }));
        await expectInstalled(bench, before);
      });

      it('ends a download and takes no address pointer for its own', async () => {
        const { bench, before } = await leftBehind(async (link) => {
          await link.controlOut(staged, Uint8Array.of(0x21, 0x00, 0x00, 0x02, 0x08), { timeoutMs });
          await link.controlIn(getStatus, 6, { timeoutMs });
          await link.controlIn(getStatus, 6, { timeoutMs });
        });
        await expectInstalled(bench, before);
      });

      it('does not carry out an erase that was staged and never started', async () => {
        const { bench, before } = await leftBehind((link) =>
          link.controlOut(staged, Uint8Array.of(0x41, 0x00, 0x00, 0x04, 0x08), { timeoutMs }),
        );
        await expectInstalled(bench, before);
        expect((await bench.eraseCounts())[6]).toBe(0);
      });

      it('waits for an erase that is under way', async () => {
        const { bench, before } = await leftBehind(async (link) => {
          await link.controlOut(staged, Uint8Array.of(0x41, 0x00, 0x40, 0x00, 0x08), { timeoutMs });
          await link.controlIn(getStatus, 6, { timeoutMs });
        });
        before.fill(0xff, sectorSize, 2 * sectorSize);
        await expectInstalled(bench, before);
      });

      it('clears an error', async () => {
        const { bench, before } = await leftBehind((link) =>
          link
            .controlOut({ ...staged, bRequest: 0x63 }, new Uint8Array(0), { timeoutMs })
            .catch(() => undefined),
        );
        await expectInstalled(bench, before);
      });

      it('gets a device out of dfuDNBUSY by ABORT or CLRSTATUS', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'busy-forever', operation: 0, clearedBy: 'abort' });
        await bench.enterDfu();
        await expectInstalled(bench, before);
      });

      it('names a device that stays busy whatever it is told', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'busy-forever', operation: 0, clearedBy: 'reset' });
        await bench.enterDfu();
        const { error } = await run(bench, image);
        expect(error).toMatchObject({ code: 'dfu/stuck-busy', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
        await expectGoodRun(bench, image);
      });
    });

    describe('read protection', () => {
      it('is found and named before anything is erased', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'read-protection' });
        const { error } = await run(bench, image);
        expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
        expect(await dfuState(bench)).toBe(2);
      });

      it('is found by the backup', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'read-protection' });
        const sink = { write: () => Promise.resolve(), complete: () => Promise.resolve() };
        const { error } = await run(bench, image, { backup: sink });
        expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
      });

      it('is not removed where a backup was asked for, which cannot be made', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'read-protection' });
        const backup = { write: () => Promise.resolve(), complete: () => Promise.resolve() };
        const { error } = await run(bench, image, { backup, confirmReadUnprotect: true });
        expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
      });

      it('is removed on confirmation: the chip erases itself, drops off, and the next run installs', async () => {
        const { bench } = await used();
        await bench.injectFault({ kind: 'read-protection' });
        const { report, events } = await run(bench, image, { confirmReadUnprotect: true });
        expect(report).toMatchObject({ outcome: 'protection-removed', bytesWritten: 0 });
        expect(events).toContainEqual({ type: 'phase', phase: 'unprotect', safeToStop: false });
        expect(await bench.isInDfu()).toBe(false);
        expect(isErased(await bench.dumpFlash())).toBe(true);
        await expectGoodRun(bench, image);
      });

      it('is not looked for on a chip that has none, confirmation or not', async () => {
        const { bench, before } = await used();
        const { report } = await run(bench, image, { confirmReadUnprotect: true });
        expect(report?.outcome).toBe('installed');
        expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
      });
    });

    describe('faults', () => {
      /** Class requests of a good run over a used chip. */
      async function requestCount(): Promise<number> {
        const { bench } = await used();
        return (await run(bench, image)).link.classRequests;
      }

      /** Strikes once, looks at what is left, and proves that the board can be recovered. */
      async function strike(fault: DfuFault): Promise<Outcome> {
        const { bench, before } = await used();
        await bench.injectFault(fault);
        const outcome = await run(bench, image);
        if (outcome.error) await expectSafe(bench, before, image, outcome.error);
        else expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
        await expectGoodRun(bench, image);
        return outcome;
      }

      it('ends as link/gone at every request at which the cable can be pulled', async () => {
        const requests = await requestCount();
        expect(requests).toBeGreaterThan(30);
        const states: string[] = [];
        // The last request is the GETSTATUS on which the device disconnects anyway.
        for (let after = 0; after < requests - 1; after += stride) {
          const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'request', after });
          expect(error?.code).toBe('link/gone');
          states.push(error?.state ?? 'none');
        }
        const order = ['untouched', 'dfu-partial', 'dfu-written'];
        expect(states).toEqual([...states].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
        if (stride === 1) expect(new Set(states)).toEqual(new Set(order));
        const { report } = await strike({
          kind: 'unplug',
          mode: 'dfu',
          phase: 'request',
          after: requests - 1,
        });
        expect(report?.outcome).toBe('installed');
      });

      it('goes on with a board that kept its power when the cable is plugged in again', async () => {
        const requests = await requestCount();
        for (let after = 0; after < requests - 1; after += stride) {
          const { bench, before } = await used({ chip: 'F446', supply: 'external' });
          await bench.injectFault({ kind: 'unplug', mode: 'dfu', phase: 'request', after });
          const { error } = await run(bench, image);
          expect(error?.code).toBe('link/gone');
          if (error) await expectSafe(bench, before, image, error);
          await expectGoodRun(bench, image, 'replug');
        }
      });

      it('leaves nothing that could be started when the cable is pulled in an erase or a write', async () => {
        for (const after of [0, 1]) {
          const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'erase', after });
          expect(error).toMatchObject({ code: 'link/gone', state: 'dfu-partial' });
        }
        const written = Math.ceil(image.length / 2048) * 2048 + 8;
        const places = [
          0,
          4,
          8,
          12,
          2044,
          2048,
          4092,
          4096,
          5144,
          5148,
          written - 8,
          written - 4,
          written - 1,
        ];
        for (const after of places.filter((_, index) => index % stride === 0)) {
          const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'write', after });
          expect(error).toMatchObject({ code: 'link/gone', state: 'dfu-partial' });
        }
      });

      it('ends as link/gone when the cable is pulled while it reads', async () => {
        for (const after of [0, 2048, 4096, 6144, 8192]) {
          const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'read', after });
          expect(error?.code).toBe('link/gone');
        }
      });

      it.each([
        ['a stall', 'stall'],
        ['a lost answer', 'lost-answer'],
      ] as const)('survives %s at every request', async (_, kind) => {
        const requests = await requestCount();
        const codes = new Set<string>();
        for (let nth = 1; nth <= requests; nth += stride) {
          const { error } = await strike({ kind, mode: 'dfu', nth });
          if (error) codes.add(error.code);
        }
        const named = kind === 'stall' ? ['link/stall'] : ['link/timeout'];
        for (const code of codes) expect([...named, 'dfu/device-error']).toContain(code);
        expect(codes.size).toBeGreaterThan(0);
      });

      it('survives every answer with any one byte of GETSTATUS changed', async () => {
        const statuses = (await run((await used()).bench, image)).link.transcript.filter((entry) =>
          entry.startsWith('a1 03'),
        ).length;
        for (let nth = 1; nth <= statuses; nth += stride) {
          for (let offset = 0; offset < 5; offset++) {
            const xor = offset === 4 ? 0x80 : 0x11;
            await strike({ kind: 'corrupt-answer', mode: 'dfu', nth, only: 3, offset, xor });
          }
        }
      }, 60_000);

      it('finds every byte that was read back wrong', async () => {
        for (const offset of [0, 7, 8, 1000, 2047]) {
          // The first read asks for the UID.
          const { error } = await strike({
            kind: 'corrupt-answer',
            mode: 'dfu',
            nth: 2,
            only: 2,
            offset,
            xor: 4,
          });
          expect(error).toMatchObject({ code: 'dfu/verify-mismatch', state: 'dfu-partial' });
        }
      });

      it('names every error status that the ROM can report', async () => {
        const names: unknown[] = [];
        for (let bStatus = 1; bStatus <= 15; bStatus++) {
          // The answers 8 and 9 are for the first sector's erase.
          const { error } = await strike({
            kind: 'corrupt-answer',
            mode: 'dfu',
            nth: statusesBeforeErase + 2,
            only: 3,
            offset: 0,
            xor: bStatus,
          });
          expect(error?.code.startsWith('dfu/')).toBe(true);
          expect(error?.details['operation']).toBe('erase');
          names.push(error?.details['bStatus']);
        }
        expect(names).toEqual([
          'errTARGET',
          'errFILE',
          'errWRITE',
          'errERASE',
          'errCHECK_ERASED',
          'errPROG',
          'errVERIFY',
          'errADDRESS',
          'errNOTDONE',
          'errFIRMWARE',
          'errVENDOR',
          'errUSBR',
          'errPOR',
          'errUNKNOWN',
          'errSTALLEDPKT',
        ]);
      });

      it('finds a bit that does not program, and one that does not erase', async () => {
        const { bench, before } = await used();
        const address = flashAddress + 4097;
        const byte = image[4097] ?? 0xff;
        const bit = [0, 1, 2, 3, 4, 5, 6, 7].find((index) => (byte & (1 << index)) === 0) ?? 0;
        await bench.injectFault({ kind: 'stuck-bit', address, bit, sticksAt: 1 });
        const { error } = await run(bench, image);
        expect(error).toMatchObject({ code: 'dfu/verify-mismatch', state: 'dfu-partial' });
        expect(error?.details['address']).toBe('0x08001001');
        expect(isStartable(await bench.dumpFlash())).toBe(false);
        expect(
          same((await bench.dumpFlash()).subarray(3 * sectorSize), before.subarray(3 * sectorSize)),
        ).toBe(true);
        await expectGoodRun(bench, image);
      });

      it('finds an application sector that does not erase', async () => {
        const { bench } = await used();
        await bench.injectFault({ kind: 'stuck-bit', address: applicationAddress, bit: 3, sticksAt: 0 });
        const { error } = await run(bench, image);
        expect(error).toMatchObject({ code: 'dfu/erase-failed', state: 'dfu-partial' });
        expect(error?.details['address']).toBe('0x08008000');
        expect(isStartable(await bench.dumpFlash())).toBe(false);
        await expectGoodRun(bench, image);
      });

      it('finds boot words that do not program', async () => {
        const { bench } = await used();
        await bench.injectFault({ kind: 'stuck-bit', address: flashAddress + 7, bit: 0, sticksAt: 1 });
        const { error } = await run(bench, image);
        expect(error).toMatchObject({ code: 'dfu/verify-mismatch', state: 'dfu-partial' });
        expect(error?.details['address']).toBe('0x08000007');
      });

      it.each(['abort', 'reset'] as const)(
        'names a device that never ends an operation (%s)',
        async (clearedBy) => {
          // Two erases, three blocks, the boot words.
          for (let operation = 1; operation <= 6; operation++) {
            const { error } = await strike({ kind: 'busy-forever', operation, clearedBy });
            expect(error).toMatchObject({ code: 'dfu/stuck-busy', state: 'dfu-partial' });
          }
        },
      );
    });

    describe('cancel', () => {
      it('ends after any event with its own error, the true state and the device in dfuIDLE', async () => {
        const events = (await run((await used()).bench, image)).events.length;
        for (let at = 0; at < events; at += stride) {
          const { bench, before } = await used();
          const controller = new AbortController();
          let seen = 0;
          const { error, report } = await run(bench, image, {
            signal: controller.signal,
            onEvent: () => {
              if (seen++ === at) controller.abort(new Error('enough'));
            },
          });
          if (at === events - 1) {
            // Cancelled while the device leaves: too late, and everything was read back.
            expect(report?.outcome).toBe('installed');
            continue;
          }
          if (!error) throw new Error(`cancelled at event ${at} and went on`);
          expect(error.code).toBe('cancelled');
          await expectSafe(bench, before, image, error);
          expect(await dfuState(bench)).toBe(2);
          await expectGoodRun(bench, image);
        }
      });

      it('touches nothing when it is cancelled before it begins', async () => {
        const { bench, before } = await used();
        const { error, link } = await run(bench, image, { signal: AbortSignal.abort() });
        expect(error).toMatchObject({ code: 'cancelled', state: 'untouched' });
        expect(link.transcript).toEqual([]);
        expect(same(await bench.dumpFlash(), before)).toBe(true);
      });

      it('ends the wait for a device that stays busy', async () => {
        const { bench } = await used();
        await bench.injectFault({ kind: 'busy-forever', operation: 0, clearedBy: 'reset' });
        await bench.enterDfu();
        const controller = new AbortController();
        const startMs = bench.clock.nowMs();
        const cancel = bench.clock.sleep(250).then(() => controller.abort());
        const { error } = await run(bench, image, { signal: controller.signal });
        await cancel;
        expect(error).toMatchObject({ code: 'cancelled', state: 'untouched' });
        expect(bench.clock.nowMs() - startMs).toBeLessThan(6_000);
      });

      it('cleans up when nobody asks for the next event any more', async () => {
        const { bench, before } = await used();
        const link = await bench.open();
        for await (const event of installWithDfu(link, image, { clock: bench.clock, applicationAddress })) {
          if (event.type === 'progress' && event.phase === 'write') break;
        }
        await link.close();
        expect(await dfuState(bench)).toBe(2);
        expect(isStartable(await bench.dumpFlash())).toBe(false);
        expect(
          same((await bench.dumpFlash()).subarray(3 * sectorSize), before.subarray(3 * sectorSize)),
        ).toBe(true);
        await expectGoodRun(bench, image);
      });
    });
  });
}

/** GETSTATUS answers before the first erase: opening, the UID's set-address. */
const statusesBeforeErase = 3;

/** GETSTATE (USB DFU 1.1, 6.1.5), which changes nothing. */
async function dfuState(bench: DfuBench): Promise<number | undefined> {
  const link = await bench.open();
  try {
    const getState = { bmRequestType: 0xa1, bRequest: 5, wValue: 0, wIndex: 0 };
    const answer = await link.controlIn(getState, 1, { timeoutMs: 5000 });
    return answer[0];
  } finally {
    await link.close();
  }
}
