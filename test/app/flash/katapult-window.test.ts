import { describe, expect, it } from 'vitest';
import { readWindow, writeWindow } from '../../../app/flash/katapult-window.ts';

/**
 * The firmware's receive buffer (src/generic/usb_cdc.c) on one run of `count` frames in full packets: how many frames
 * it handles before nothing moves any more.
 */
function framesHandled(count: number, frameBytes: number): number {
  let unsent = count * frameBytes;
  let held = 0;
  let handled = 0;
  for (;;) {
    const packet = held + 64 <= 128 ? Math.min(64, unsent) : 0;
    held += packet;
    unsent -= packet;
    if (held >= frameBytes) {
      held -= frameBytes;
      handled += 1;
    } else if (packet === 0) {
      return handled;
    }
  }
}

describe('the windows', () => {
  it('stay below the number of frames that the receive buffer chokes on', () => {
    expect(framesHandled(6, 76)).toBe(5);
    expect(framesHandled(writeWindow(64), 76)).toBe(writeWindow(64));
  });

  it('never let gathered replies end on a full packet', () => {
    // One acknowledgement of 16 bytes is on its way before the others can gather.
    for (let gathered = 1; gathered < writeWindow(64); gathered++) expect((gathered * 16) % 64).not.toBe(0);
    for (let gathered = 1; gathered <= readWindow(64, 'stm32f446xx'); gathered++) {
      expect((gathered * 80) % 64).not.toBe(0);
    }
  });

  it('never ask for more replies than the device can hold', () => {
    for (const [mcu, room] of [
      ['stm32f446xx', 192 + 64],
      ['stm32f103xe', 192],
    ] as const) {
      expect(readWindow(64, mcu) * 80).toBeLessThanOrEqual(room);
    }
  });

  it('are one for blocks that do not fit twice', () => {
    expect([128, 256, 512].map(writeWindow)).toEqual([1, 1, 1]);
    expect([128, 256, 512].map((size) => readWindow(size, 'stm32f446xx'))).toEqual([1, 1, 1]);
  });
});
