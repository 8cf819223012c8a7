import { afterEach, expect, it, vi } from 'vitest';
import { FrameBatch } from '../../../renderer/station/frame-batch.ts';

afterEach(() => vi.restoreAllMocks());

it('applies what came in order, once a frame', () => {
  const frames: FrameRequestCallback[] = [];
  vi.spyOn(globalThis, 'requestAnimationFrame').mockImplementation((frame) => frames.push(frame));
  const batch = new FrameBatch();
  const applied: number[] = [];
  for (const n of [1, 2, 3]) batch.add(() => applied.push(n));
  expect([applied.length, frames.length]).toEqual([0, 1]);
  frames[0]?.(0);
  expect(applied).toEqual([1, 2, 3]);
  batch.add(() => applied.push(4));
  expect(frames).toHaveLength(2);
});

it('waits for no frame in a window that is not seen, and keeps the order', () => {
  vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
  const batch = new FrameBatch();
  const applied: number[] = [];
  batch.add(() => applied.push(1));
  hidden.mockReturnValue(true);
  batch.add(() => applied.push(2));
  expect(applied).toEqual([1, 2]);
});
