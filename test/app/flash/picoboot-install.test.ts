import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import type { FlashEvent, InstallReport } from '../../../app/flash/flash-event.ts';
import { installWithPicoboot, type PicobootTarget } from '../../../app/flash/picoboot-install.ts';
import { sameBytes } from '../../../app/flash/flash-bytes.ts';
import { whyNotStarted } from '../../../app/mcu/rp-boot.ts';
import { rpApplicationOffset } from '../../../app/mcu/rp-memory.ts';
import type { Fault } from '../../../main/sim/fault.ts';
import { startableBytes } from '../../fixtures/rp-images.ts';
import { Random } from '../../fixtures/random.ts';
import { BootRomRig, chipId, rpFlashStart } from '../../main/sim/boot-rom/boot-rom-rig.ts';

const image = startableBytes('rp2040', 7_672);
const start = rpFlashStart;
const rpApplicationAddress = start + rpApplicationOffset;

interface Outcome {
  readonly report: InstallReport | null;
  readonly error: CanopusError | null;
  readonly events: readonly FlashEvent[];
  readonly target: PicobootTarget | null;
  readonly ms: number;
}

interface Wish {
  readonly bytes?: Uint8Array;
  readonly refuse?: Error;
  readonly onEvent?: (event: FlashEvent) => void;
  readonly signal?: AbortSignal;
}

async function install(
  rig: BootRomRig,
  { bytes = image, refuse, onEvent, signal }: Wish = {},
): Promise<Outcome> {
  const events: FlashEvent[] = [];
  let target: PicobootTarget | null = null;
  const beganMs = rig.clock.nowMs();
  const end = (report: InstallReport | null, error: CanopusError | null): Outcome => ({
    ...{ report, error, events, target, ms: rig.clock.nowMs() - beganMs },
  });
  await using link = rig.open();
  const run = installWithPicoboot(link, bytes, {
    applicationAddress: rpApplicationAddress,
    signal,
    checkTarget: (found) => {
      target = found;
      if (refuse) throw refuse;
    },
  });
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) return end(step.value, null);
      events.push(step.value);
      onEvent?.(step.value);
    }
  } catch (error) {
    if (!(error instanceof CanopusError)) throw error;
    return end(null, error);
  }
}

/** Flash has the image, and an application that Katapult does not start. */
function expectInstalled(rig: BootRomRig, bytes = image): void {
  expect(rig.flash.read(start, bytes.length)).toEqual(bytes);
  expect(rig.flash.isErased(rpApplicationAddress, 4096)).toBe(true);
}

/** What the ROM finds when it is asked to start flash. */
const hasNothingToStart = (rig: BootRomRig): boolean => rig.flash.isErased(start, 256);

/** The ROM starts no half-written program. */
function isWholeOrNotStarted(rig: BootRomRig): boolean {
  const bytes = rig.flash.read(start, image.length);
  return whyNotStarted(bytes, 'rp2040') !== null || sameBytes(bytes, image);
}

describe('an install through PICOBOOT', () => {
  it('writes a blank chip, reads it back and starts it', async () => {
    const rig = new BootRomRig();
    const { report, events, target } = await install(rig);
    expectInstalled(rig);
    expect(report).toMatchObject({
      outcome: 'installed',
      bytesWritten: image.length,
      bytesVerified: image.length,
    });
    expect(report?.sectorsErased).toBe(2);
    expect(target).toEqual({ mcu: 'rp2040', uid: null, flashBytes: null });
    expect(rig.restarts).toEqual([{ delayMs: 100, into: 'flash' }]);
    const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
    expect(phases).toEqual(['connect', 'check', 'erase', 'write', 'verify', 'leave']);
    for (const event of events) {
      if (event.type === 'progress') expect(event.bytesDone).toBeLessThanOrEqual(event.bytesTotal);
    }
  });

  it('clears the old application, and touches nothing else', async () => {
    const rig = new BootRomRig('rp2040', 4096);
    const before = new Random(3).bytes(64 * 1024);
    rig.flash.load(start, before);
    const { report, target } = await install(rig);
    expectInstalled(rig);
    expect(report?.sectorsErased).toBe(3);
    expect(target?.flashBytes).toBe(4096 * 1024);
    expect(rig.flash.read(start + 0x2000, 0x2000)).toEqual(before.subarray(0x2000, 0x4000));
    expect(rig.flash.read(start + 0x5000, 0xb000)).toEqual(before.subarray(0x5000));
  });

  it('erases nothing where the image is there already, within 0.4 s', async () => {
    const rig = new BootRomRig();
    await install(rig);
    rig.replug();
    const { report, ms } = await install(rig);
    expect(report).toMatchObject({ outcome: 'installed', sectorsErased: 0, bytesVerified: image.length });
    expect(ms).toBeLessThan(400);
    expect(rig.restarts.length).toBe(2);
  });

  it('erases the first sector, too, where only a later one differs', async () => {
    const rig = new BootRomRig();
    await install(rig);
    rig.replug();
    const other = image.with(5000, (image[5000] ?? 0) ^ 0xff);
    const { report } = await install(rig, { bytes: other });
    expectInstalled(rig, other);
    expect(report?.sectorsErased).toBe(2);
  });

  it('writes an RP2350, which names its chip', async () => {
    const rig = new BootRomRig('rp2350');
    const bytes = startableBytes('rp2350', 7_096);
    const { report, target } = await install(rig, { bytes });
    expectInstalled(rig, bytes);
    expect(target).toEqual({ mcu: 'rp2350', uid: chipId, flashBytes: null });
    expect(report?.uid).toBe(chipId);
    expect(rig.restarts).toEqual([{ delayMs: 100, into: 'flash' }]);
  });

  it.each([
    ['an image for the other chip', startableBytes('rp2350', 7_000), 'image/truncated'],
    ['a damaged image', image.with(10, (image[10] ?? 0) ^ 1), 'image/truncated'],
    ['an image that reaches into the application', startableBytes('rp2040', 0x4001), 'image/does-not-fit'],
  ])('refuses %s before it erases anything', async (_, bytes, code) => {
    const rig = new BootRomRig();
    rig.flash.load(start, new Random(9).bytes(512));
    const { error } = await install(rig, { bytes });
    expect(error).toMatchObject({ code, state: 'untouched' });
    expect(rig.flash.eraseCounts.every((count) => count === 0)).toBe(true);
    expect(rig.restarts).toEqual([]);
  });

  it('refuses a chip that the caller does not want, and leaves the ROM usable', async () => {
    const rig = new BootRomRig();
    const refuse = new CanopusError('image/wrong-mcu', 'not this one');
    const { error } = await install(rig, { refuse });
    expect(error).toMatchObject({ code: 'image/wrong-mcu', state: 'untouched' });
    expect((await install(rig)).report).not.toBe(null);
  });

  it('finds a sector that does not erase, and starts nothing', async () => {
    const rig = new BootRomRig();
    rig.flash.load(start, new Random(5).bytes(256));
    rig.flash.stuckBits.push({ address: start + 17, bit: 3, sticksAt: 0 });
    const { error } = await install(rig);
    expect(error).toMatchObject({ code: 'picoboot/erase-failed', state: 'bootsel-partial' });
    expect(error?.details['address']).toBe('0x10000011');
    expect(rig.restarts).toEqual([]);
  });

  it('finds a bit that does not program, before there is anything to start', async () => {
    const rig = new BootRomRig();
    const at = 5000;
    const bit = [...Array(8).keys()].find((each) => ((image[at] ?? 0) & (1 << each)) === 0) ?? 0;
    rig.flash.stuckBits.push({ address: start + at, bit, sticksAt: 1 });
    const { error } = await install(rig);
    expect(error).toMatchObject({ code: 'picoboot/verify-mismatch', state: 'bootsel-partial' });
    expect(hasNothingToStart(rig)).toBe(true);
    expect(rig.restarts).toEqual([]);
  });

  it('stops between two sectors when it is cancelled, and can be repeated', async () => {
    const rig = new BootRomRig();
    rig.flash.load(start, new Random(5).bytes(0x5000));
    const stop = new AbortController();
    const onEvent = (event: FlashEvent): void => {
      if (event.type === 'progress' && event.phase === 'erase') stop.abort();
    };
    const { error } = await install(rig, { onEvent, signal: stop.signal });
    expect(error).toMatchObject({ code: 'cancelled', state: 'bootsel-partial' });
    expect(hasNothingToStart(rig)).toBe(true);
    expect((await install(rig)).report).not.toBe(null);
    expectInstalled(rig);
  });

  it('says what the ROM said when it refuses a command', async () => {
    const rig = new BootRomRig();
    rig.faults.arm({ kind: 'stall', mode: 'bootsel', nth: 1, only: 0x03 });
    const { error } = await install(rig);
    expect(error).toMatchObject({ code: 'picoboot/refused', state: 'bootsel-partial' });
    expect(error?.message).toBe('The boot ROM refused FLASH_ERASE at 0x10000000: UNKNOWN_ERROR.');
    expect((await install(rig)).report).not.toBe(null);
  });

  it('gives up on a ROM that stops replying, and works again at the next try', async () => {
    const rig = new BootRomRig();
    rig.faults.arm({ kind: 'lost-answer', mode: 'bootsel', nth: 2, only: 0x05 });
    const { error } = await install(rig);
    expect(error).toMatchObject({ code: 'link/timeout', state: 'bootsel-partial' });
    expect((await install(rig)).report).not.toBe(null);
    expectInstalled(rig);
  });
});

describe('an unplugged cable', () => {
  const cuts: readonly (readonly [string, Fault])[] = [
    ...[0, 1, 2].map(
      (after) => ['erase', { kind: 'unplug', mode: 'bootsel', phase: 'erase', after }] as const,
    ),
    ...[0, 255, 3000, 3840, 5000, 7000].map(
      (after) => ['write', { kind: 'unplug', mode: 'bootsel', phase: 'write', after }] as const,
    ),
    ...[256, 9000, 20_000].map(
      (after) => ['read', { kind: 'unplug', mode: 'bootsel', phase: 'read', after }] as const,
    ),
    ...[0, 2, 5, 9, 12].map(
      (after) => ['request', { kind: 'unplug', mode: 'bootsel', phase: 'request', after }] as const,
    ),
  ];

  it.each(cuts)(
    'during %s leaves a chip that comes up in BOOTSEL or unchanged, and can be repeated: %j',
    async (_, fault) => {
      const rig = new BootRomRig();
      const before = startableBytes('rp2040', 0x5000, 77);
      rig.flash.load(start, before);
      rig.faults.arm(fault);
      const { error } = await install(rig);
      expect(error).toMatchObject({ code: 'link/gone' });
      const isUntouched = error?.state === 'untouched';
      if (isUntouched) expect(rig.flash.read(start, before.length)).toEqual(before);
      else expect(isWholeOrNotStarted(rig)).toBe(true);
      rig.replug();
      expect((await install(rig)).report).not.toBe(null);
      expectInstalled(rig);
    },
  );

  it('while it starts is no failure: everything was read back', async () => {
    const rig = new BootRomRig();
    rig.faults.arm({ kind: 'unplug', mode: 'bootsel', phase: 'leave', after: 0 });
    const { report } = await install(rig);
    expect(report?.outcome).toBe('installed');
    expectInstalled(rig);
  });
});
