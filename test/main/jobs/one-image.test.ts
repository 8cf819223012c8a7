import { describe, expect, it } from 'vitest';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { checkBoardImages } from '../../../main/jobs/board-images.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, bareF446, BenchRun, expectedBoard, imagesFor } from './bench-run.ts';

describe('an order for a bootloader alone', () => {
  it('ends when that is written and started, and asks for nothing', async () => {
    await using run = new BenchRun(bareF446);
    const { bootloader } = await imagesFor();
    const report = await run.flash({ bootloader, application: null, board: unknownBoard });
    expect(report).toMatchObject({
      seen: null,
      written: { bootloader: { bytesVerified: bootloader.bytes.length }, application: null },
    });
    expect(run.holds(bootloader)).toBe(true);
    expect(run.events.filter(({ type }) => type === 'ask')).toEqual([]);
    expect(run.events.at(-1)).toMatchObject({ type: 'step', step: 'done' });
  });

  it('leaves a board alone that is in Katapult, and says where its image is written', async () => {
    const flash = [{ address: 0x08000000, bytes: makeKatapultImage() }];
    await using run = new BenchRun({ ...bareF446, boot0: false, flash });
    const { bootloader } = await imagesFor();
    const before = run.board.flash.changes;
    await expect(run.flash({ bootloader, application: null, board: unknownBoard })).rejects.toMatchObject({
      code: 'device/wrong-mode',
      message: 'The board on USB port 1-1 is in Katapult; Katapult is written through DFU.',
      state: 'untouched',
      details: { mode: 'katapult', wanted: 'dfu' },
    });
    expect(run.board.flash.changes).toBe(before);
  });
});

describe('an order for an application alone', () => {
  it('leaves a board alone that is in DFU', async () => {
    await using run = new BenchRun(bareF446);
    const { application } = await imagesFor();
    const before = run.board.flash.changes;
    await expect(run.flash({ bootloader: null, application, board: unknownBoard })).rejects.toMatchObject({
      code: 'device/wrong-mode',
      message: 'The board on USB port 1-1 is in DFU; Klipper is written through Katapult.',
      state: 'untouched',
    });
    expect(run.board.flash.changes).toBe(before);
  });

  it('is checked against the preset before anything is opened', async () => {
    const board = await expectedBoard('btt-octopus:f446');
    const wrongChip = await asLoaded('klipper.bin', makeKlipperImage({ mcu: 'stm32f407xx' }));
    const wrongPlace = await asLoaded('klipper.bin', makeKlipperImage({ applicationAddress: 0x08010000 }));
    const check = (application: typeof wrongChip) => () =>
      checkBoardImages({ bootloader: null, application }, board);
    expect(check(wrongChip)).toThrow(expect.objectContaining({ code: 'image/wrong-mcu' }));
    expect(check(wrongPlace)).toThrow(expect.objectContaining({ code: 'image/wrong-address' }));
  });
});
