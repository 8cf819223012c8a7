import { usbPlace } from '../../../app/place.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { benchCounts } from '../../../app/bench/bench-state.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { BenchRig, imagesFor, powerCycle, uidOf, variants, type RigMcu } from './bench-rig.ts';

const mcus = ['stm32f446xx', 'stm32f407xx', 'stm32f429xx'] as const satisfies readonly RigMcu[];

function boards(count: number, more: Partial<BoardInput> = {}): BoardInput[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `b${index}`,
    mcu: mcus[index % mcus.length] ?? mcus[0],
    uid: uidOf(index),
    port: `1-${1 + Math.floor(index / 4)}.${1 + (index % 4)}`,
    boot0: true,
    plugged: false,
    ...more,
  }));
}

let rig: BenchRig;
beforeEach(async () => {
  rig = await BenchRig.open({ boards: boards(8) });
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  expect(rig.faults).toEqual([]);
});

describe('the bench of a station', () => {
  it('does every board that is plugged in with the recipe of its chip, at once and without a click', async () => {
    for (const mcu of mcus) await rig.arm(mcu);
    for (const board of rig.bench.boards) board.plug();
    await rig.until(() => benchCounts(rig.runner.state).done === 8);
    for (const board of rig.bench.boards) {
      expect(rig.holds(board, imagesFor(board.mcu))).toBe(true);
      expect(rig.slot(usbPlace(board.port))).toMatchObject({ stage: 'done', uid: board.uid });
      expect(board.running).toBe('can-bridge');
    }
    const running = rig.jobs.all().map(({ startedAt, endedAt }) => [startedAt ?? '', endedAt ?? '']);
    const lastStart =
      running
        .map(([start]) => start ?? '')
        .sort()
        .at(-1) ?? '';
    expect(running.every(([, end = '']) => end > lastStart)).toBe(true);
  });

  it('loses no board that is being probed while further recipes are armed', async () => {
    let answer = (): void => undefined;
    rig.probesWaitFor = new Promise((resolve) => {
      answer = resolve;
    });
    for (const board of rig.bench.boards) board.plug();
    await rig.arm('stm32f446xx');
    await rig.until(() => rig.slots.filter(({ stage }) => stage === 'probing').length === 8);
    await rig.arm('stm32f407xx');
    await rig.arm('stm32f429xx');
    // The same board once more, with other images.
    const renewed = await rig.arm('stm32f446xx', {}, imagesFor('stm32f446xx', 2));
    expect(rig.slots.map(({ stage }) => stage)).toEqual(Array(8).fill('probing'));
    answer();
    await rig.until(() => benchCounts(rig.runner.state).done === 8);
    for (const board of rig.bench.boards)
      expect(rig.holds(board, board.mcu === 'stm32f446xx' ? renewed : imagesFor(board.mcu))).toBe(true);
  });

  it('stops one slot for a board of another chip and does the rest', async () => {
    await rig.arm('stm32f446xx');
    for (const board of rig.bench.boards) board.plug();
    await rig.until(
      () => rig.slots.length === 8 && rig.slots.every(({ stage }) => stage === 'done' || stage === 'refused'),
    );
    for (const board of rig.bench.boards) {
      const isMeant = board.mcu === 'stm32f446xx';
      expect(rig.slot(usbPlace(board.port)).stage).toBe(isMeant ? 'done' : 'refused');
      expect(board.flash.read(0x0800_0000, 4).every((byte) => byte === 0xff)).toBe(!isMeant);
    }
  });

  it('says of a board that cannot be opened that nothing was done to it', async () => {
    const [board] = rig.bench.boards.filter(({ mcu }) => mcu === 'stm32f446xx');
    board!.plug();
    await rig.until(
      () => board!.running === 'dfu' && rig.slots.some(({ place }) => place === usbPlace(board!.port)),
    );
    // Another program has it.
    const held = await rig.bench.devices.openUsb(board!.port);
    await rig.arm('stm32f446xx');
    await rig.until(() => rig.slot(usbPlace(board!.port)).stage === 'refused');
    await held.close();
    const { trouble } = rig.slot(usbPlace(board!.port));
    expect(trouble?.state).toBe('untouched');
    // What libusb says of a device that is held: Linux, macOS, Windows.
    expect(trouble?.code).toMatch(/^link\/(busy|access|no-driver)$/);
  });

  it('lets one failure stop nothing else, and does that board when it is retried', async () => {
    for (const mcu of mcus) await rig.arm(mcu);
    const broken = rig.bench.board('b2');
    broken.arm({ kind: 'stuck-bit', address: 0x0800_0000, bit: 0, sticksAt: 1 });
    for (const board of rig.bench.boards) board.plug();
    await rig.until(() => rig.slots.filter(({ stage }) => stage === 'done').length === 7);
    await rig.until(() => rig.slot(usbPlace(broken.port)).stage === 'failed');
    expect(rig.slot(usbPlace(broken.port)).trouble).toMatchObject({
      code: 'dfu/flash-damaged',
      state: 'dfu-partial',
    });
    expect(benchCounts(rig.runner.state)).toMatchObject({ done: 7, failed: 1 });
    broken.clearFaults();
    rig.runner.choose({ type: 'retry', places: null });
    await rig.until(() => rig.slot(usbPlace(broken.port)).stage === 'done');
    expect(rig.holds(broken, imagesFor(broken.mcu))).toBe(true);
    expect(benchCounts(rig.runner.state)).toMatchObject({ done: 8, failed: 0 });
  });

  it('skips a finished chip, by the UID that it reports in DFU, before it erases anything', async () => {
    const [first, second] = [rig.bench.board('b0'), rig.bench.board('b3')];
    await rig.arm('stm32f446xx');
    first.plug();
    await rig.until(() => rig.slot(usbPlace(first.port)).stage === 'done');
    first.unplug();
    rig.bench.moveBoard('b0', '1-9');
    first.flash.load(0x0800_4000, Uint8Array.of(1));
    powerCycle(first, true);
    first.plug();
    second.plug();
    await rig.until(() => rig.slots.some(({ place, why }) => place === 'usb:1-9' && why === 'done-before'));
    await rig.until(() => rig.slot(usbPlace(second.port)).stage === 'done');
    expect(rig.holds(first, imagesFor(first.mcu))).toBe(true);
    expect(benchCounts(rig.runner.state)).toMatchObject({ done: 2, failed: 0 });
    rig.runner.choose({ type: 'again', place: 'usb:1-9' });
    await rig.until(() => rig.slot('usb:1-9').stage === 'done');
    expect(benchCounts(rig.runner.state)).toMatchObject({ done: 2, failed: 0 });
  });

  it('goes on by UID in the slot that a board is put into between its two steps', async () => {
    const board = rig.bench.board('b0');
    await rig.arm('stm32f446xx');
    rig.handsObey = false;
    board.plug();
    await rig.until(() => rig.slot(usbPlace(board.port)).uid !== null);
    const before = board.port;
    board.unplug();
    board.setBoot0(false);
    rig.bench.moveBoard('b0', '1-9.4');
    board.plug();
    await rig.until(() => rig.slots.some(({ place, stage }) => place === 'usb:1-9.4' && stage === 'done'));
    expect(rig.holds(board, imagesFor(board.mcu))).toBe(true);
    expect(rig.slot(usbPlace(before)).stage).toBe('idle');
    expect(benchCounts(rig.runner.state)).toMatchObject({ done: 1, failed: 0 });
  });

  it('finishes two boards that were swapped between their steps each where it is now', async () => {
    const [first, second] = [rig.bench.board('b0'), rig.bench.board('b1')];
    // Whose job ends first decides whether the other slot fails or is left by its board: then only what comes in
    // Katapult, too, is taken up again.
    await rig.arm('stm32f446xx', { modes: ['dfu', 'katapult'] });
    await rig.arm('stm32f407xx', { modes: ['dfu', 'katapult'] });
    rig.handsObey = false;
    first.plug();
    second.plug();
    await rig.until(() => rig.jobs.all().filter(({ ask }) => ask === 'remove-jumper').length === 2);
    for (const board of [first, second]) {
      board.unplug();
      board.setBoot0(false);
    }
    rig.bench.swap('b0', 'b1');
    first.plug();
    second.plug();
    await rig.until(() => rig.slots.every(({ stage }) => stage !== 'writing'));
    // Both run Klipper by now: where a bridge cannot be opened, hands bring it back into Katapult.
    rig.handsObey = true;
    rig.runner.choose({ type: 'retry', places: null });
    await rig.until(() => benchCounts(rig.runner.state).done === 2);
    for (const board of [first, second]) expect(rig.holds(board, imagesFor(board.mcu))).toBe(true);
  });

  it('survives a hub that vanishes with its boards and comes back', async () => {
    await rig.arm('stm32f446xx');
    for (const board of rig.bench.boards) if (board.port.startsWith('1-1.')) board.plug();
    await rig.until(() => rig.slots.some(({ stage }) => stage === 'writing'));
    rig.bench.unplugHub('1-1');
    await rig.until(() => rig.slots.every(({ stage }) => stage !== 'writing' && stage !== 'probing'));
    await rig.clock.sleep(2_000);
    rig.bench.plugHub('1-1');
    await rig.until(() => benchCounts(rig.runner.state).done === 2);
    expect(rig.runner.map.slots.map(({ place }) => place)).toContain('usb:1-1.1');
  });

  it('knows after a crash which boards were being written, and finishes them on request', async () => {
    const board = rig.bench.board('b0');
    await rig.arm('stm32f446xx');
    rig.handsObey = false;
    board.plug();
    await rig.until(() => rig.jobs.all().some(({ ask }) => ask === 'remove-jumper'));
    await rig.crash();
    powerCycle(board, false);
    rig.handsObey = true;
    await rig.start();
    expect(rig.slot(usbPlace(board.port))).toMatchObject({
      stage: 'failed',
      trouble: { code: 'bench/interrupted' },
    });
    expect(rig.jobs.all()).toEqual([]);
    await rig.clock.sleep(5_000);
    rig.runner.choose({ type: 'retry', places: null });
    await rig.until(() => rig.slot(usbPlace(board.port)).stage === 'done');
    expect(rig.holds(board, imagesFor(board.mcu))).toBe(true);
    expect(benchCounts(rig.runner.state)).toMatchObject({ done: 1, failed: 0 });
  });

  it('brings bridges up to date that it was armed for, and leaves the others alone', async () => {
    const board = rig.bench.board('b0');
    const old = await rig.arm('stm32f446xx');
    board.plug();
    await rig.until(() => rig.slot(usbPlace(board.port)).stage === 'done');
    rig.runner.choose({ type: 'new-session' });
    await rig.arm('stm32f446xx', { modes: ['dfu', 'outdated-bridge'] }, old);
    await rig.until(() => rig.slot(usbPlace(board.port)).why === 'up-to-date');
    const young = await rig.arm('stm32f446xx', { modes: ['outdated-bridge'] }, imagesFor(board.mcu, 7));
    await rig.until(() => rig.slot(usbPlace(board.port)).stage === 'done');
    expect(rig.holds(board, { ...old, application: young.application })).toBe(true);
  });

  it('refuses to arm a recipe with an unconfirmed hazard, one that does not fit its board, and two for one chip', async () => {
    const order = { confirmed: false };
    await expect(rig.arm('stm32f446xx', order, imagesFor('stm32f407xx'))).rejects.toMatchObject({
      code: 'image/wrong-mcu',
    });
    await rig.arm('stm32f446xx');
    const { bootloader, application } = imagesFor('stm32f446xx');
    await expect(
      rig.runner.arm({
        board: { presetId: 'btt-octopus-pro-1.0', variantId: 'f446' },
        images: {
          bootloader: await rig.cache.add(bootloader),
          application: await rig.cache.add(application),
        },
        modes: ['dfu'],
        target: null,
        confirmed: false,
      }),
    ).rejects.toMatchObject({ code: 'bench/not-confirmed' });
    await expect(
      rig.runner.arm({
        board: { presetId: 'btt-octopus-pro-1.0', variantId: 'f446' },
        images: {
          bootloader: await rig.cache.add(bootloader),
          application: await rig.cache.add(application),
        },
        modes: ['dfu'],
        target: null,
        confirmed: true,
      }),
    ).rejects.toMatchObject({ code: 'bench/overlapping-recipes' });
    expect(rig.runner.state.recipes.map(({ board }) => board)).toEqual([variants.stm32f446xx]);
  });

  it('asks for the crystal of images that do not state it when it is armed, and not for each board or retry', async () => {
    const mcu = 'stm32f446xx';
    const images = {
      bootloader: makeKatapultImage({ mcu, clockCode: 'read', size: 2_048 }),
      application: makeKlipperImage({ mcu, clockCode: 'read', size: 3_072 }),
    };
    await expect(rig.arm(mcu, {}, images)).rejects.toMatchObject({ code: 'image/crystal-unknown' });
    await expect(rig.arm(mcu, { confirmedCrystalHz: 8_000_000 }, images)).rejects.toMatchObject({
      code: 'image/wrong-crystal',
    });
    expect(rig.runner.state.recipes).toEqual([]);
    await rig.arm(mcu, { confirmedCrystalHz: 12_000_000 }, images);
    rig.handsObey = false;
    const board = rig.bench.board('b0');
    board.plug();
    await rig.until(() => rig.slot(usbPlace(board.port)).stage === 'failed');
    rig.handsObey = true;
    rig.runner.choose({ type: 'retry', places: null });
    await rig.until(() => rig.slot(usbPlace(board.port)).stage === 'done');
    expect(rig.holds(board, images)).toBe(true);
  });

  it('touches only the slots that a client names as long as that client follows, and disarms when it goes', async () => {
    for (const id of ['b0', 'b3']) rig.bench.board(id).plug();
    await rig.until(() => rig.slots.length === 2);
    const stop = new AbortController();
    const limit = rig.runner.limit({ places: [usbPlace('1-1.1')] }, stop.signal);
    expect((await limit.next()).value).toEqual({ places: ['usb:1-1.1'] });
    await rig.arm('stm32f446xx');
    await rig.until(() => rig.slot('usb:1-1.1').stage === 'done');
    expect(rig.slot('usb:1-1.4')).toMatchObject({ stage: 'idle', why: 'ignored' });
    // The client was killed.
    stop.abort();
    expect(await limit.next()).toMatchObject({ done: true });
    expect(rig.runner.state.recipes.filter(({ isArmed }) => isArmed)).toEqual([]);
    expect(rig.slot('usb:1-1.4')).toMatchObject({ stage: 'idle', why: 'not-armed' });
    await rig.arm('stm32f446xx');
    await rig.until(() => rig.slot('usb:1-1.4').stage === 'done');
  });

  it('keeps the arrangement of the slots and refuses two of one name', async () => {
    rig.bench.board('b0').plug();
    await rig.until(() => rig.slots.length === 1);
    const slot = { place: usbPlace('1-1.1'), name: 'A1', isIgnored: true };
    rig.runner.arrange({ columns: 4, slots: [slot] });
    await rig.arm('stm32f446xx');
    expect(rig.slot('usb:1-1.1')).toMatchObject({ stage: 'idle', why: 'ignored' });
    expect(() =>
      rig.runner.arrange({ columns: 4, slots: [slot, { ...slot, place: 'usb:1-2', name: 'a1 ' }] }),
    ).toThrow(expect.objectContaining({ code: 'bench/bad-map' }));
    await rig.crash();
    await rig.start();
    expect(rig.runner.map).toEqual({ columns: 4, slots: [slot] });
  });
});
