import { describe, expect, it } from 'vitest';
import { presentImages } from '../../../app/image/image-parts.ts';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { checkBoardImages, type BoardImages } from '../../../main/jobs/board-images.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import type { FlashBoardOptions } from '../../../main/jobs/flash-board.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, bareF446, BenchRun, expectedBoard, obedientHands, uid } from './bench-run.ts';
import { SampleCrystals } from './sample-crystals.ts';

const usualHz = [12_000_000, 8_000_000, 16_000_000, 20_000_000];

async function imagesOf(crystalHz: number, board = unknownBoard): Promise<BoardImages> {
  const bootloader = await asLoaded('katapult.bin', makeKatapultImage({ crystalHz }));
  const application = await asLoaded('klipper.bin', makeKlipperImage({ crystalHz }));
  return checkBoardImages({ bootloader, application }, board);
}

/** Hands that do what a search asks for, too; they take the jumper off only when they are asked to. */
function rescuingHands(board: Board): (event: FlashBoardEvent) => void {
  const obey = obedientHands(board);
  return (event) => {
    if (event.type !== 'ask') obey(event);
    else if (event.ask === 'back-to-dfu') {
      board.setBoot0(true);
      board.reset();
    } else if (event.ask === 'wake-katapult') {
      board.setBoot0(false);
      board.doubleTap();
    } else obey(event);
  };
}

/** What the search said, in order. */
const told = (run: BenchRun): string[] =>
  run.events.flatMap((event) => (event.type === 'search' ? `${event.stage} ${event.crystalHz / 1e6}` : []));

function searching(
  run: BenchRun,
  more: Partial<NonNullable<FlashBoardOptions['search']>> = {},
): Pick<FlashBoardOptions, 'search' | 'onImages'> & { hands: (event: FlashBoardEvent) => void } & {
  written: BoardImages[];
} {
  const written: BoardImages[] = [];
  return {
    search: { images: new SampleCrystals(usualHz), when: 'when-silent', ...more },
    onImages: (images) => written.push(images),
    hands: rescuingHands(run.board),
    written,
  };
}

describe('a board with another crystal than its images are for', () => {
  it.each([
    // 12 MHz firmware on 8 MHz cannot be enumerated, 8 MHz firmware on 12 MHz does not start at all.
    { wrote: 12_000_000, has: 8_000_000, search: ['try 8', 'found 8'] },
    { wrote: 8_000_000, has: 12_000_000, search: ['try 12', 'found 12'] },
    {
      wrote: 12_000_000,
      has: 20_000_000,
      search: ['try 8', 'silent 8', 'try 16', 'silent 16', 'try 20', 'found 20'],
    },
  ])('ends as a running bridge: $wrote Hz on $has Hz', async ({ wrote, has, search }) => {
    await using run = new BenchRun({ ...bareF446, crystalHz: has });
    const options = searching(run);
    const report = await run.flash(await imagesOf(wrote), options);
    expect(report).toMatchObject({ uid, canbusUuid: '6beb0175188a', crystalHz: has });
    expect(run.board.running).toBe('can-bridge');
    expect(told(run)).toEqual(search);
    const written = presentImages(options.written.at(-1)!);
    expect(written.map((image) => run.holds(image))).toEqual([true, true]);
    expect(written.map(({ info }) => info.crystalHz)).toEqual([has, has]);
  });

  it('is offered the search, which begins when a person wants it', async () => {
    await using run = new BenchRun({ ...bareF446, crystalHz: 8_000_000 });
    const wanted = new AbortController();
    const options = searching(run, { when: 'when-wanted', wanted: wanted.signal });
    const hands = (event: FlashBoardEvent): void => {
      if (event.type === 'offer') wanted.abort();
      // Nobody takes the jumper off: the search comes first.
      if (event.type === 'ask' && event.ask === 'remove-jumper' && !wanted.signal.aborted) return;
      options.hands(event);
    };
    const report = await run.flash(await imagesOf(12_000_000), { ...options, hands });
    expect(report.crystalHz).toBe(8_000_000);
    expect(run.events.filter(({ type }) => type === 'offer')).toMatchObject([
      { offer: 'crystal-search', crystalsHz: usualHz },
    ]);
  });

  it('is waited for while the search is offered, and needs none where a hand helps', async () => {
    await using run = new BenchRun({ ...bareF446, faults: [{ kind: 'no-return' }] });
    // The fault strikes at the first reset: DFU has to be there before.
    run.board.clearFaults();
    await run.present('usb:1-1');
    run.board.arm({ kind: 'no-return' });
    const options = searching(run, { when: 'when-wanted' });
    const hands = (event: FlashBoardEvent): void => {
      if (event.type === 'ask' && event.ask === 'remove-jumper') return;
      if (event.type === 'offer') {
        run.board.setBoot0(false);
        run.board.reset();
      }
    };
    const report = await run.flash(await imagesOf(12_000_000), { ...options, hands });
    expect(report.crystalHz).toBeNull();
    expect(told(run)).toEqual([]);
  });

  it('says which crystals were tried where none of them is it', async () => {
    await using run = new BenchRun({ ...bareF446, crystalHz: 25_000_000 });
    await expect(run.flash(await imagesOf(12_000_000), searching(run))).rejects.toMatchObject({
      code: 'rescue/crystal-not-found',
      state: 'dfu-written',
      details: { triedMhz: '12, 8, 16, 20' },
    });
  });

  it('says so where there is no Klipper for the crystal that was found', async () => {
    await using run = new BenchRun({ ...bareF446, crystalHz: 8_000_000 });
    const images = new SampleCrystals(usualHz, 'stm32f446xx', []);
    const flashing = run.flash(await imagesOf(12_000_000), searching(run, { images }));
    await expect(flashing).rejects.toMatchObject({ code: 'rescue/no-image', state: 'running-katapult' });
    expect(told(run)).toEqual(['try 8', 'found 8']);
  });

  it('is searched on a preset that vouches for its crystal, too', async () => {
    await using run = new BenchRun({ ...bareF446, crystalHz: 8_000_000 });
    const board = await expectedBoard('btt-octopus:f446');
    const report = await run.flash(await imagesOf(12_000_000, board), searching(run));
    expect(report.crystalHz).toBe(8_000_000);
  });

  it('is searched at once where that was ordered, with nothing on the port', async () => {
    await using run = new BenchRun({ ...bareF446, crystalHz: 8_000_000 });
    await run.present('usb:1-1');
    run.board.setPower(false);
    run.board.setPower(true);
    run.board.setBoot0(false);
    run.board.reset();
    const options = searching(run, { when: 'at-once', silentHz: [12_000_000] });
    const report = await run.flash(await imagesOf(12_000_000), options);
    expect(report.crystalHz).toBe(8_000_000);
    expect(told(run)).toEqual(['try 8', 'found 8']);
  });

  it('is searched again from the start where the first Katapult is right after all', async () => {
    await using run = new BenchRun(bareF446);
    const report = await run.flash(await imagesOf(12_000_000), searching(run, { when: 'at-once' }));
    expect(report.crystalHz).toBe(12_000_000);
    expect(told(run)).toEqual(['try 12', 'found 12']);
  });

  it('ends if the board is not brought back', async () => {
    await using run = new BenchRun({ ...bareF446, crystalHz: 8_000_000 });
    const options = searching(run);
    const flashing = run.flash(await imagesOf(12_000_000), {
      ...options,
      hands: () => undefined,
      personTimeoutMs: 60_000,
    });
    await expect(flashing).rejects.toMatchObject({ code: 'device/did-not-return', state: 'dfu-written' });
  });
});

describe('a board whose Katapult runs and whose Klipper is for another crystal', () => {
  /** A Katapult for 8 MHz on a board that has them, with an image for 12 MHz that does not say so. */
  async function silentKlipper(): Promise<AsyncDisposable & { run: BenchRun; images: BoardImages }> {
    const flash = [{ address: 0x08000000, bytes: makeKatapultImage({ crystalHz: 8_000_000 }) }];
    const run = new BenchRun({ ...bareF446, boot0: false, crystalHz: 8_000_000, flash });
    const bootloader = await asLoaded('katapult.bin', makeKatapultImage({ crystalHz: 12_000_000 }));
    const unknown = makeKlipperImage({ crystalHz: 12_000_000, clockCode: 'read' });
    const application = await asLoaded('klipper.bin', unknown);
    const watch = await run.present('usb:1-1');
    const hasTty = (): true | null => (typeof watch.at('usb:1-1')?.device.tty === 'string' ? true : null);
    await watch.waitFor(hasTty, { timeoutMs: 5_000 });
    const images = { bootloader, application, board: unknownBoard };
    return { run, images, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
  }

  it('is written a Klipper for the crystal of its Katapult, after a double tap', async () => {
    await using board = await silentKlipper();
    const { run, images } = board;
    const options = searching(run);
    const report = await run.flash(images, options);
    expect(report).toMatchObject({ crystalHz: 8_000_000, written: { bootloader: null } });
    expect(run.board.running).toBe('can-bridge');
    const asks = run.events.flatMap((event) => (event.type === 'ask' ? event.ask : []));
    expect(asks).toContain('wake-katapult');
    expect(told(run)).toEqual(['found 8']);
  });

  it('is done in DFU, too, where the jumper goes on instead', async () => {
    await using board = await silentKlipper();
    const { run, images } = board;
    const options = searching(run);
    const hands = (event: FlashBoardEvent): void => {
      if (event.type === 'ask' && event.ask === 'wake-katapult') {
        run.board.setBoot0(true);
        run.board.reset();
      } else options.hands(event);
    };
    expect(await run.flash(images, { ...options, hands })).toMatchObject({ crystalHz: 8_000_000 });
    expect(run.board.running).toBe('can-bridge');
    expect(told(run)).toEqual(['try 8', 'found 8']);
  });

  it('is left alone where the image says that it is for another one', async () => {
    await using board = await silentKlipper();
    const { run, images } = board;
    const application = await asLoaded('klipper.bin', makeKlipperImage({ crystalHz: 12_000_000 }));
    const before = run.board.flash.changes;
    await expect(run.flash({ ...images, application })).rejects.toMatchObject({
      code: 'image/wrong-crystal',
      state: 'untouched',
    });
    expect(run.board.flash.changes).toBe(before);
  });

  it('gets the right image at once where a search was ordered', async () => {
    await using board = await silentKlipper();
    const { run, images } = board;
    const application = await asLoaded('klipper.bin', makeKlipperImage({ crystalHz: 12_000_000 }));
    const report = await run.flash({ ...images, application }, searching(run, { when: 'at-once' }));
    expect(report.crystalHz).toBe(8_000_000);
    expect(run.board.running).toBe('can-bridge');
  });
});
