import { describe, expect, it } from 'vitest';
import { crc16 } from '../../../../app/protocols/katapult/crc16.ts';
import { encodeFrame } from '../../../../app/protocols/katapult/frame.ts';
import { exchanges, readFrames, toHex } from './vectors.ts';

describe('crc16', () => {
  it('is CRC-16/MCRF4XX: the catalogue check value', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x6f91);
  });

  it('covers only the part asked for', () => {
    expect(crc16(new TextEncoder().encode('xx123456789y'), 2, 11)).toBe(0x6f91);
  });
});

describe('encodeFrame', () => {
  it('makes the frames that the protocol facts give', () => {
    expect(toHex(encodeFrame(0x11))).toBe('01881100f17c9903');
    expect(toHex(encodeFrame(0xf1))).toBe('0188f10068959903');
    expect(toHex(encodeFrame(0xf2))).toBe('0188f20000bf9903');
    expect(toHex(encodeFrame(0xf3))).toBe('0188f300d8a69903');
  });

  it.each(exchanges.map(({ what, answered }) => [what, answered] as const))(
    'makes what the real firmware answered: %s',
    (_what, answered) => {
      const frames = readFrames(answered);
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.map((frame) => toHex(encodeFrame(frame.code, frame.payload))).join('')).toBe(
        toHex(answered),
      );
    },
  );

  it('refuses a payload that is not whole words or too long', () => {
    expect(() => encodeFrame(0x12, new Uint8Array(5))).toThrow(RangeError);
    expect(() => encodeFrame(0x12, new Uint8Array(1024))).toThrow(RangeError);
    expect(encodeFrame(0x12, new Uint8Array(1020))).toHaveLength(1028);
  });
});
