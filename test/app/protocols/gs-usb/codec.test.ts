import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitTimingFor } from '../../../../app/protocols/gs-usb/bit-timing.ts';
import { findGsUsbInterface } from '../../../../app/protocols/gs-usb/gs-usb-interface.ts';
import { encodeHostFrame, parseHostFrame } from '../../../../app/protocols/gs-usb/host-frame.ts';
import {
  bitTimingRequest,
  hostFormatRequest,
  modeRequest,
  parseBtConst,
  parseDeviceConfig,
} from '../../../../app/protocols/gs-usb/vendor-request.ts';
import { fromHex, toHex } from '../katapult/vectors.ts';
import { cases } from '../../../counts.ts';

describe('host frame', () => {
  it('has 20 bytes in the documented places', () => {
    const frame = { id: 0x3f0, extended: false, data: fromHex('026beb0175188a') };
    expect(toHex(encodeHostFrame(frame, 3))).toBe('03000000f00300000700000002' + '6beb0175188a' + '00');
    expect(parseHostFrame(encodeHostFrame(frame, 3))).toEqual({
      echoId: 3,
      channel: 0,
      special: false,
      frame,
    });
  });

  it('knows a received frame by echo id ffffffff, and 29-bit ids by bit 31', () => {
    const frame = { id: 0x1234567, extended: true, data: Uint8Array.of(1) };
    const bytes = encodeHostFrame(frame, null);
    expect(toHex(bytes.subarray(0, 8))).toBe('ffffffff67452381');
    expect(parseHostFrame(bytes)).toMatchObject({ echoId: null, frame });
  });

  it('marks remote requests and error reports', () => {
    expect(parseHostFrame(fromHex('fffffffff0030040' + '0'.repeat(24)))?.special).toBe(true);
    expect(parseHostFrame(fromHex('ffffffff04000020' + '0'.repeat(24)))?.special).toBe(true);
  });

  it('refuses what is too short or too long for a CAN frame', () => {
    expect(parseHostFrame(new Uint8Array(19))).toBeNull();
    expect(parseHostFrame(fromHex('00000000f003000009' + '0'.repeat(22)))).toBeNull();
    expect(() => encodeHostFrame({ id: 1, extended: false, data: new Uint8Array(9) }, 0)).toThrow(RangeError);
  });

  it('never throws on random bytes and reads what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const host = parseHostFrame(bytes);
        if (host === null || host.special) return;
        const again = parseHostFrame(encodeHostFrame(host.frame, host.echoId, host.channel));
        expect(again).toEqual(host);
      }),
      { numRuns: cases(100_000) },
    );
  });
});

describe('vendor requests', () => {
  it('start and stop a channel with mode and flags', () => {
    expect(modeRequest(0, 'start')).toEqual({
      setup: { bmRequestType: 0x41, bRequest: 2, wValue: 0, wIndex: 0 },
      data: fromHex('0100000000000000'),
    });
    expect(toHex(modeRequest(0, 'reset').data)).toBe('0000000000000000');
  });

  it('announce little-endian as the Linux driver does', () => {
    expect(hostFormatRequest(2)).toEqual({
      setup: { bmRequestType: 0x41, bRequest: 0, wValue: 1, wIndex: 2 },
      data: fromHex('efbe0000'),
    });
  });

  it('carry five words of bit timing', () => {
    const { data } = bitTimingRequest(0, { propSeg: 6, phaseSeg1: 7, phaseSeg2: 2, sjw: 1, brp: 3 });
    expect(toHex(data)).toBe('0600000007000000020000000100000003000000');
  });

  it("read Klipper's replies, and nothing from a short reply", () => {
    expect(parseDeviceConfig(fromHex('000000000200000001000000'))).toEqual({
      channelCount: 1,
      softwareVersion: 2,
      hardwareVersion: 1,
    });
    expect(parseDeviceConfig(new Uint8Array(11))).toBeNull();
    expect(parseBtConst(new Uint8Array(39))).toBeNull();
  });
});

describe('bitTimingFor', () => {
  const klipper = parseBtConst(
    fromHex('00000000006cdc0201000000100000000100000008000000040000000100000000040000' + '01000000'),
  )!;

  it.each([1_000_000, 500_000, 250_000, 125_000])(
    'hits %i bit/s on the clock that Klipper states',
    (bitrateBps) => {
      const timing = bitTimingFor(klipper, bitrateBps)!;
      const quanta = 1 + timing.propSeg + timing.phaseSeg1 + timing.phaseSeg2;
      expect(klipper.clockHz / timing.brp / quanta).toBe(bitrateBps);
      expect(1 - timing.phaseSeg2 / quanta).toBeCloseTo(0.875, 1);
      expect(timing.propSeg + timing.phaseSeg1).toBeLessThanOrEqual(16);
      expect(timing.sjw).toBeLessThanOrEqual(4);
    },
  );

  it('has none for a rate that the clock cannot make', () => {
    expect(bitTimingFor(klipper, 999_983)).toBeNull();
    expect(bitTimingFor(klipper, 20_000_000)).toBeNull();
  });
});

describe('findGsUsbInterface', () => {
  const config = [9, 2, 32, 0, 1, 1, 0, 0xc0, 50];
  const vendor = [9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 0];

  it('takes the endpoints from the descriptor, whatever their numbers and order', () => {
    const bytes = Uint8Array.from([...config, ...vendor, 7, 5, 0x83, 2, 32, 0, 0, 7, 5, 0x04, 2, 32, 0, 0]);
    expect(findGsUsbInterface(bytes)).toEqual({
      interfaceNumber: 0,
      bulkIn: 0x83,
      bulkOut: 0x04,
      maxPacketBytes: 32,
    });
  });

  it('passes over other interfaces, class descriptors and interrupt endpoints', () => {
    const cdc = [
      9, 4, 0, 0, 1, 2, 2, 1, 0, 5, 0x24, 0, 0x10, 1, 7, 5, 0x81, 2, 64, 0, 0, 7, 5, 0x01, 2, 64, 0, 0,
    ];
    const second = [
      9, 4, 1, 0, 3, 0xff, 0, 0, 0, 7, 5, 0x85, 3, 8, 0, 1, 7, 5, 0x86, 2, 64, 0, 0, 7, 5, 6, 2, 64, 0, 0,
    ];
    expect(findGsUsbInterface(Uint8Array.from([...config, ...cdc, ...second]))).toEqual({
      interfaceNumber: 1,
      bulkIn: 0x86,
      bulkOut: 0x06,
      maxPacketBytes: 64,
    });
  });

  it('finds none where an endpoint is missing or the blob is cut', () => {
    expect(findGsUsbInterface(Uint8Array.from([...config, ...vendor, 7, 5, 0x81, 2, 64, 0, 0]))).toBeNull();
    expect(findGsUsbInterface(Uint8Array.from([...config, ...vendor, 7, 5, 0x81]))).toBeNull();
    expect(findGsUsbInterface(new Uint8Array(64))).toBeNull();
  });

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        findGsUsbInterface(bytes);
      }),
      { numRuns: cases(100_000) },
    );
  });
});
