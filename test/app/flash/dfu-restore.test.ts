import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CanopusError } from '../../../app/errors.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { RestoreOptions, RestoreReport } from '../../../app/flash/dfu-restore.ts';
import { restoreWithDfu } from '../../../app/flash/dfu-restore.ts';
import type { FlashEvent } from '../../../app/flash/flash-event.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import type { DfuBench, DfuBenchOptions, DfuFault } from '../../conformance/dfu-bench.ts';
import {
  dfuState,
  flashAddress,
  formerContents,
  installed,
  isErased,
  isStartable,
  run as install,
  same,
  sectorSize,
} from '../../conformance/dfu-bench.ts';
import { RecordingLink } from '../../conformance/recording-link.ts';
import { virtualDfuBench } from './dfu-virtual-bench.ts';
import { cases } from '../../counts.ts';

interface Outcome {
  readonly report: RestoreReport | null;
  readonly error: CanopusError | null;
  readonly events: readonly FlashEvent[];
  readonly link: RecordingLink;
}

type Options = Partial<RestoreOptions> & { readonly onEvent?: (event: FlashEvent) => void };

let benches: DfuBench[] = [];
afterEach(async () => {
  for (const bench of benches) await bench.close?.();
  benches = [];
});

/** One restore to its end; throws only what is no coded error. */
async function restore(bench: DfuBench, bytes: Uint8Array, options: Options = {}): Promise<Outcome> {
  const { onEvent, ...rest } = options;
  const link = new RecordingLink(await bench.open());
  const events: FlashEvent[] = [];
  const checkTarget = (): void => undefined;
  const flash = restoreWithDfu(link, bytes, { clock: bench.clock, checkTarget, ...rest });
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

const programs = new Map<number, Uint8Array>();

/** A maker's program: not in every sector, with blank blocks in between, and one that ends in the middle of a block. */
function makersProgram(flashBytes: number): Uint8Array {
  const made = programs.get(flashBytes);
  if (made !== undefined) return made;
  const flash = new Uint8Array(flashBytes).fill(0xff);
  programs.set(flashBytes, flash);
  const program = formerContents(150_001);
  flash.set(program);
  flash.fill(0xff, 0x5000, 0x9000);
  flash.set(formerContents(777), flashBytes - 4096);
  return flash;
}

interface Installed {
  readonly bench: DfuBench;
  /** What flash held before Katapult was installed. */
  readonly backup: Uint8Array;
}

/** A board whose maker's program was saved, and then written over by Katapult and an application. */
async function writtenOver(options: DfuBenchOptions, of = makersProgram): Promise<Installed> {
  const bench = await virtualDfuBench(options);
  benches.push(bench);
  const backup = of(bench.flashBytes);
  await bench.loadFlash(flashAddress, backup);
  const { error } = await install(bench, makeKatapultImage({ mcu: 'stm32f446xx' }));
  expect(error).toBe(null);
  await bench.loadFlash(flashAddress + 2 * sectorSize, formerContents(30_000));
  await bench.enterDfu();
  return { bench, backup };
}

/** As `writtenOver`, with Katapult loaded and not installed: for tests that need many boards. */
async function loadedOver(supply: 'usb' | 'external'): Promise<Installed> {
  const bench = await virtualDfuBench({ chip: 'F446', supply });
  benches.push(bench);
  const backup = makersProgram(bench.flashBytes);
  await bench.loadFlash(flashAddress, installed(backup, makeKatapultImage({ mcu: 'stm32f446xx' })));
  return { bench, backup };
}

/** The same tool, once the board is back in DFU, makes flash what it was. */
async function expectRestored(bench: DfuBench, backup: Uint8Array): Promise<void> {
  await bench.clearFaults();
  await bench.enterDfu();
  const { error, report } = await restore(bench, backup);
  expect(error).toBe(null);
  expect(report?.bytesVerified).toBe(backup.length);
  expect(same(await bench.dumpFlash(), backup)).toBe(true);
}

/** What holds after any end: "untouched" is true, and the chip starts what it had or all of the backup, never a half. */
async function expectSafe(
  bench: DfuBench,
  { before, backup, error }: { before: Uint8Array; backup: Uint8Array; error: CanopusError },
): Promise<void> {
  const after = await bench.dumpFlash();
  const isUntouched = same(after, before);
  if (error.state === 'untouched') expect(isUntouched).toBe(true);
  if (error.state === 'restored') expect(same(after, backup)).toBe(true);
  expect(['untouched', 'dfu-partial', 'restored']).toContain(error.state);
  if (isStartable(after) && !isUntouched) expect(same(after, backup)).toBe(true);
}

const chips = ['F446', 'F407', 'F429', 'F429-2M'] as const;

describe('a restore', () => {
  it.each(chips)('makes the flash of %s what it was, byte for byte, and starts it', async (chip) => {
    const { bench, backup } = await writtenOver({ chip });
    const { report, error } = await restore(bench, backup);
    expect(error).toBe(null);
    expect(report).toMatchObject({ outcome: 'restored', bytesVerified: backup.length, isStarted: true });
    expect(same(await bench.dumpFlash(), backup)).toBe(true);
    await bench.clock.sleep(1000);
    expect(await bench.isInDfu()).toBe(false);
  });

  it('erases only sectors that differ, and says which before it does', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const before = await bench.eraseCounts();
    const { report, events } = await restore(bench, backup);
    const erased = (await bench.eraseCounts()).flatMap((count, index) =>
      count > (before[index] ?? 0) ? [index] : [],
    );
    // Katapult is in sector 0; the application that came after it in 2 and 3.
    expect(erased).toEqual([0, 2, 3]);
    expect(report?.sectorsErased).toBe(3);
    const said = events.find((event) => event.type === 'erasing');
    expect(said?.sectors.map(({ address }) => address)).toEqual([0x08000000, 0x08008000, 0x0800c000]);
    const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
    expect(phases).toEqual(['connect', 'check', 'erase', 'write', 'verify', 'leave']);
    expect(events.indexOf(said!)).toBeLessThan(
      events.findIndex((event) => event.type === 'phase' && event.phase === 'erase'),
    );
  });

  it('writes no block that an erase leaves as it is to be', async () => {
    const blank = (flashBytes: number): Uint8Array => new Uint8Array(flashBytes).fill(0xff);
    const { bench, backup } = await writtenOver({ chip: 'F446' }, blank);
    const { report } = await restore(bench, backup);
    expect(report).toMatchObject({ outcome: 'restored', bytesWritten: 0, isStarted: false });
    expect(isErased(await bench.dumpFlash())).toBe(true);
    // There is nothing to start.
    expect(await bench.isInDfu()).toBe(true);
    expect(await dfuState(bench)).toBe(2);
  });

  it('changes nothing if flash already matches', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    await restore(bench, backup);
    await bench.enterDfu();
    const before = await bench.eraseCounts();
    const { report } = await restore(bench, backup, { leave: false });
    expect(report).toMatchObject({ outcome: 'unchanged', sectorsErased: 0, bytesVerified: backup.length });
    expect(await bench.eraseCounts()).toEqual(before);
    expect(await bench.isInDfu()).toBe(true);
  });

  it('erases the sector with the boot words even if it already matches', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    await restore(bench, backup);
    await bench.enterDfu();
    await bench.loadFlash(flashAddress + 0x20000, Uint8Array.of(0));
    const before = await bench.eraseCounts();
    const { report } = await restore(bench, backup);
    expect(report?.sectorsErased).toBe(2);
    const erased = (await bench.eraseCounts()).flatMap((count, index) =>
      count > (before[index] ?? 0) ? [index] : [],
    );
    expect(erased).toEqual([0, 5]);
  });

  it('says more bytes never, and in each phase all of them', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const { events } = await restore(bench, backup);
    const last = new Map<string, { bytesDone: number; bytesTotal: number }>();
    for (const event of events) {
      if (event.type !== 'progress') continue;
      expect(event.bytesDone).toBeGreaterThan(last.get(event.phase)?.bytesDone ?? 0);
      expect(event.bytesDone).toBeLessThanOrEqual(event.bytesTotal);
      last.set(event.phase, event);
    }
    expect([...last.keys()]).toEqual(['check', 'erase', 'write', 'verify']);
    for (const { bytesDone, bytesTotal } of last.values()) expect(bytesDone).toBe(bytesTotal);
  });

  it('leaves the bytes that it is given as they are, also those of a Node Buffer', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const bytes = Buffer.from(backup);
    expect((await restore(bench, bytes)).error).toBe(null);
    expect(same(bytes, backup)).toBe(true);
    expect(same(await bench.dumpFlash(), backup)).toBe(true);
  });

  it('touches no option byte: nothing is written beyond flash', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F429-2M' });
    const { link } = await restore(bench, backup);
    const pointed = link.transcript.flatMap(
      (entry) => /^21 01 0000 0000 0005 -> (?:21|41)((?: [0-9a-f]{2}){4})$/.exec(entry)?.[1] ?? [],
    );
    const addresses = pointed.map((bytes) => Buffer.from(bytes.replaceAll(' ', ''), 'hex').readUInt32LE());
    expect(addresses.length).toBeGreaterThan(2);
    for (const address of addresses) {
      // The UID is read, from the system memory.
      if (address === 0x1fff7a10) continue;
      expect(address).toBeGreaterThanOrEqual(flashAddress);
      expect(address).toBeLessThan(flashAddress + bench.flashBytes);
    }
  });
});

describe('a restore refuses, and leaves flash unchanged,', () => {
  it.each([
    ['F446', 1024],
    ['F407', 512],
    ['F429-2M', 1024],
  ] as const)('a backup of another size than the flash of %s', async (chip, backupKiB) => {
    const { bench } = await writtenOver({ chip });
    const before = await bench.dumpFlash();
    const { error } = await restore(bench, makersProgram(backupKiB * 1024));
    expect(error).toMatchObject({ code: 'backup/wrong-size', state: 'untouched' });
    expect(error?.details).toMatchObject({ backupBytes: backupKiB * 1024, flashBytes: bench.flashBytes });
    expect(same(await bench.dumpFlash(), before)).toBe(true);
  });

  it('a chip that the caller refuses', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const before = await bench.dumpFlash();
    const checkTarget: RestoreOptions['checkTarget'] = ({ uid }) => {
      expect(uid).toBe(bench.uid);
      return Promise.reject(new Error('another board'));
    };
    const { error } = await restore(bench, backup, { checkTarget });
    expect(error).toMatchObject({ message: 'another board', state: 'untouched' });
    expect(same(await bench.dumpFlash(), before)).toBe(true);
    expect(await dfuState(bench)).toBe(2);
  });

  it('a read-protected chip', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const before = await bench.dumpFlash();
    await bench.injectFault({ kind: 'read-protection' });
    const { error } = await restore(bench, backup);
    expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
    expect(same(await bench.dumpFlash(), before)).toBe(true);
  });

  it('to begin once it was cancelled', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const { error, link } = await restore(bench, backup, { signal: AbortSignal.abort() });
    expect(error).toMatchObject({ code: 'cancelled', state: 'untouched' });
    expect(link.transcript).toEqual([]);
  });
});

describe('a restore that is cut off', () => {
  async function strike(fault: DfuFault, supply: 'usb' | 'external' = 'usb'): Promise<Outcome> {
    const { bench, backup } = await writtenOver({ chip: 'F446', supply });
    const before = await bench.dumpFlash();
    await bench.injectFault(fault);
    const outcome = await restore(bench, backup);
    if (outcome.error) await expectSafe(bench, { before, backup, error: outcome.error });
    else expect(same(await bench.dumpFlash(), backup)).toBe(true);
    await expectRestored(bench, backup);
    return outcome;
  }

  it.each([
    ['erase', 0],
    ['erase', 2],
    ['write', 0],
    ['write', 8],
    ['write', 40_000],
    ['read', 2048],
    ['read', 300_000],
    ['read', 500_000],
  ] as const)('by the cable in phase %s (%i) is repaired by a second one', async (phase, after) => {
    const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase, after });
    expect(error?.code).toBe('link/gone');
  });

  it('does not trust a sector that reads as it is to be when flash begins blank', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    await bench.injectFault({ kind: 'unplug', mode: 'dfu', phase: 'erase', after: 1 });
    expect((await restore(bench, backup)).error?.state).toBe('dfu-partial');
    await bench.clearFaults();
    await bench.enterDfu();
    const { report } = await restore(bench, backup);
    expect(report?.sectorsErased).toBe(8);
    expect(same(await bench.dumpFlash(), backup)).toBe(true);
  });

  it('finds a bit that does not program and starts nothing', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    const at = 0x8000 + 4097;
    const bit =
      [0, 1, 2, 3, 4, 5, 6, 7].find((index) => ((backup[at + 4096] ?? 0) & (1 << index)) === 0) ?? 0;
    await bench.injectFault({ kind: 'stuck-bit', address: flashAddress + at + 4096, bit, sticksAt: 1 });
    const { error } = await restore(bench, backup);
    expect(error).toMatchObject({ code: 'dfu/flash-damaged', state: 'dfu-partial' });
    expect(isStartable(await bench.dumpFlash())).toBe(false);
  });

  it('finds boot words that do not erase, before anything else is', async () => {
    const { bench, backup } = await writtenOver({ chip: 'F446' });
    await bench.injectFault({ kind: 'stuck-bit', address: flashAddress + 4, bit: 0, sticksAt: 0 });
    const before = await bench.eraseCounts();
    const { error } = await restore(bench, backup);
    expect(error).toMatchObject({ code: 'dfu/flash-damaged', state: 'dfu-partial' });
    expect((await bench.eraseCounts()).slice(1)).toEqual(before.slice(1));
  });

  it('at any of 100 random moments, by cable or by cancel, is repaired by a second one', async () => {
    const whole = await loadedOver('usb');
    const startMs = whole.bench.clock.nowMs();
    const { link } = await restore(whole.bench, whole.backup);
    const durationMs = whole.bench.clock.nowMs() - startMs;
    const requests = link.classRequests;
    const states = new Set<string>();
    const moments = fc.oneof(
      fc.record({ how: fc.constant('request' as const), at: fc.nat(requests - 2) }),
      fc.record({ how: fc.constant('cancel' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ how: fc.constant('write' as const), at: fc.nat(20_000) }),
    );
    await fc.assert(
      fc.asyncProperty(moments, fc.boolean(), async ({ how, at }, isPowered) => {
        const { bench, backup } = await loadedOver(isPowered ? 'external' : 'usb');
        const before = await bench.dumpFlash();
        const controller = new AbortController();
        if (how === 'cancel') void bench.clock.sleep(at * durationMs).then(() => controller.abort());
        else await bench.injectFault({ kind: 'unplug', mode: 'dfu', phase: how, after: at });
        const { error } = await restore(bench, backup, { signal: controller.signal });
        if (error) {
          expect(['link/gone', 'cancelled']).toContain(error.code);
          await expectSafe(bench, { before, backup, error });
          states.add(error.state ?? 'none');
        }
        await expectRestored(bench, backup);
        await bench.close?.();
      }),
      { numRuns: cases(100, 50) },
    );
    expect(states).toContain('untouched');
    expect(states).toContain('dfu-partial');
  }, 300_000);
});
