import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeStreamFrame,
  StreamFrameReader,
  type StreamFrame,
} from '../../../../main/links/local/frame-stream.ts';

describe('a frame', () => {
  it('is length, kind and UTF-8', () => {
    expect([...encodeStreamFrame({ kind: 'text', text: 'aé' })]).toEqual([3, 0, 0, 0, 0, 0x61, 0xc3, 0xa9]);
    expect([...encodeStreamFrame({ kind: 'close', text: '' })]).toEqual([0, 0, 0, 0, 1]);
  });

  it('is read whole, wherever the stream is cut', () => {
    const frame = fc.record({
      kind: fc.constantFrom('text' as const, 'close' as const),
      text: fc.string({ unit: 'grapheme', maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat({ max: 30 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeStreamFrame));
        const reader = new StreamFrameReader(1000);
        const read: StreamFrame[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = Math.max(1, cuts[turn % Math.max(1, cuts.length)] ?? 7);
          read.push(...(reader.push(stream.subarray(at, at + size)) ?? []));
          at += size;
        }
        expect(read).toEqual(frames);
      }),
    );
  });

  it('larger than allowed, or of no known kind, ends the stream', () => {
    expect(new StreamFrameReader(10).push(Buffer.from([11, 0, 0, 0, 0]))).toBeNull();
    expect(new StreamFrameReader(10).push(Buffer.from('GET / HTTP/1.1'))).toBeNull();
    expect(new StreamFrameReader(10).push(Buffer.from([1, 0, 0, 0, 7, 1]))).toBeNull();
  });
});
