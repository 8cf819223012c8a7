import { describe, expect, it } from 'vitest';
import { FrameReader, type FrameEvent } from '../../../../app/protocols/katapult/frame-reader.ts';
import { encodeFrame } from '../../../../app/protocols/katapult/frame.ts';
import { Random } from './random.ts';
import { exchanges, fromHex, readFrames, toHex } from './vectors.ts';
import { cases } from '../../../counts.ts';

const connect = encodeFrame(0x11);
const kinds = (events: FrameEvent[]): string[] =>
  events.map((event) => (event.type === 'frame' ? `frame ${event.frame.code.toString(16)}` : event.reason));

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

describe('FrameReader', () => {
  it('reads every real exchange, both directions, in one piece and byte by byte', () => {
    const all = join(...exchanges.flatMap(({ sent, answered }) => [sent, answered]));
    const whole = new FrameReader().push(all);
    const reader = new FrameReader();
    const single = Array.from(all, (byte) => reader.push(Uint8Array.of(byte))).flat();
    expect(single).toEqual(whole);
    // Three and two requests were sent in one write; the last one had a wrong CRC.
    expect(whole.filter((event) => event.type === 'frame')).toHaveLength(2 * exchanges.length + 4 + 2 - 1);
    expect(whole.filter((event) => event.type === 'damaged')).toEqual([{ type: 'damaged', reason: 'crc' }]);
  });

  it('reads a real exchange at every cut', () => {
    for (const { answered } of exchanges) {
      const expected = readFrames(answered);
      for (let cut = 1; cut < answered.length; cut++) {
        const reader = new FrameReader();
        const events = [...reader.push(answered.subarray(0, cut)), ...reader.push(answered.subarray(cut))];
        expect(events).toEqual(expected.map((frame) => ({ type: 'frame', frame })));
      }
    }
  });

  it('goes by the length, not by a trailer inside the payload', () => {
    const payload = fromHex('99030188'.repeat(16));
    expect(readFrames(encodeFrame(0xa0, payload)).map((frame) => toHex(frame.payload))).toEqual([
      toHex(payload),
    ]);
  });

  it('skips noise, also a lone 01 in front of a frame', () => {
    expect(
      kinds(new FrameReader().push(join(fromHex('41540d0a01'), connect, fromHex('0101'), connect))),
    ).toEqual(['frame 11', 'frame 11']);
  });

  it('reports a wrong CRC and a wrong trailer, and reads on behind them', () => {
    const wrongCrc = fromHex('01881100f07c9903');
    const wrongTrailer = fromHex('01881100f17c9904');
    expect(kinds(new FrameReader().push(join(wrongCrc, connect)))).toEqual(['crc', 'frame 11']);
    expect(kinds(new FrameReader().push(join(wrongTrailer, connect)))).toEqual(['trailer', 'frame 11']);
  });

  it('finds the good frame that a wrong length swallowed', () => {
    const tooLong = fromHex('01881102f17c9903');
    expect(kinds(new FrameReader().push(join(tooLong, connect)))).toEqual(['crc', 'frame 11']);
  });

  it('does not believe a length above the given one', () => {
    expect(kinds(new FrameReader(18).push(join(fromHex('0188a0ff'), connect)))).toEqual([
      'length',
      'frame 11',
    ]);
  });

  it('gives up a truncated frame once nothing more comes', () => {
    const reader = new FrameReader();
    expect(reader.push(join(encodeFrame(0xa0, new Uint8Array(64)).subarray(0, 20), connect))).toEqual([]);
    expect(kinds(reader.flush())).toEqual(['cut-short', 'frame 11']);
    expect(reader.flush()).toEqual([]);
    expect(kinds(reader.push(connect))).toEqual(['frame 11']);
  });

  it('returns payloads that later bytes do not change', () => {
    const reader = new FrameReader();
    const first = reader.push(encodeFrame(0xa0, fromHex('01020304')))[0]!;
    for (let n = 0; n < 200; n++) reader.push(encodeFrame(0xa0, new Uint8Array(1020).fill(n)));
    expect(first).toMatchObject({ frame: { payload: fromHex('01020304') } });
  });
});

/** A stream of real and made-up frames with a few bytes flipped, lost, doubled or thrown in. */
function mutatedStream(random: Random): Uint8Array {
  const bytes: number[] = [];
  for (let n = random.below(4); n >= 0; n--) {
    const { sent, answered } = random.pick(exchanges);
    const choice = random.below(4);
    if (choice === 0) bytes.push(...sent);
    else if (choice === 1) bytes.push(...answered);
    else if (choice === 2) bytes.push(...random.bytes(random.below(40)));
    else bytes.push(...encodeFrame(random.below(256), random.bytes(4 * random.below(20))));
  }
  for (let n = random.below(5); n > 0 && bytes.length > 0; n--) {
    const at = random.below(bytes.length);
    const choice = random.below(4);
    if (choice === 0) bytes[at] = random.below(256);
    else if (choice === 1) bytes.splice(at, 1 + random.below(8));
    else if (choice === 2) bytes.splice(at, 0, ...random.bytes(1 + random.below(8)));
    else bytes.splice(at, 0, ...bytes.slice(at, at + random.below(30)));
  }
  return Uint8Array.from(bytes);
}

describe('FrameReader under random and mutated streams', () => {
  it('never invents a frame, never depends on the cut, and always recovers for the next good frame', () => {
    const random = new Random(0x6177);
    let frames = 0;
    let damaged = 0;
    for (let run = 0; run < cases(100_000); run++) {
      const stream = run % 4 === 0 ? random.bytes(random.below(120)) : mutatedStream(random);
      const reader = new FrameReader(130);
      const events: FrameEvent[] = [];
      for (let at = 0; at < stream.length;) {
        const size = 1 + random.below(40);
        events.push(...reader.push(stream.subarray(at, at + size)));
        at += size;
      }
      events.push(...reader.flush());
      if (run % 16 === 0) {
        const whole = new FrameReader(130);
        expect([...whole.push(stream), ...whole.flush()]).toEqual(events);
      }
      let hex: string | null = null;
      for (const event of events) {
        if (event.type === 'damaged') {
          damaged += 1;
          continue;
        }
        frames += 1;
        hex ??= toHex(stream);
        const frame = toHex(encodeFrame(event.frame.code, event.frame.payload));
        if (!hex.includes(frame)) throw new Error(`run ${run}: ${frame} is not in ${hex}`);
      }
      const next = reader.push(connect);
      if (next.length !== 1 || next[0]?.type !== 'frame')
        throw new Error(`run ${run}: lost the frame behind it`);
    }
    expect(frames).toBeGreaterThan(cases(50_000));
    expect(damaged).toBeGreaterThan(cases(10_000));
  }, 120_000);

  it('stays linear on a stream made to look like frame after frame', () => {
    const hostile = fromHex('0188a082'.repeat(65_536));
    const reader = new FrameReader(130);
    const events = reader.push(hostile);
    expect(events.length).toBeGreaterThan(65_000);
    expect(events.every((event) => event.type === 'damaged')).toBe(true);
  });
});
