import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestReader, type UsbIpRequest } from '../../../../main/sim/usbip/request-reader.ts';
import { encodeSubmitReply, encodeUnlinkReply } from '../../../../main/sim/usbip/urb.ts';
import { cases } from '../../../counts.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

// Written out from Linux Documentation/usb/usbip_protocol.rst, field by field.
const importRequest = bytes(`0111 8003 00000000 312d312e34 ${'00'.repeat(27)}`);
const getDeviceDescriptor = bytes(`
  00000001 00000d05 0001000f 00000001 00000000
  00000200 00000040 00000000 00000000 00000004 80 06 00 01 00 00 40 00`);
const bulkOut = bytes(`
  00000001 00000d06 0001000f 00000000 00000002
  00000000 00000003 00000000 00000000 00000000 00 00 00 00 00 00 00 00  010203`);
const unlink = bytes(`00000002 00000d07 0001000f 00000000 00000000 00000d05 ${'00'.repeat(24)}`);

function readAll(reader: RequestReader, pieces: readonly Uint8Array[]): UsbIpRequest[] {
  const seen: UsbIpRequest[] = [];
  for (const piece of pieces) {
    for (const request of reader.push(piece)) {
      if (request.type === 'import') reader.imported();
      seen.push(request);
    }
  }
  return seen;
}

function cut(stream: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % stream.length).sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, index) => stream.slice(places[index], end));
}

describe('RequestReader', () => {
  it('reads the requests of the protocol page, cut anywhere', () => {
    const stream = Uint8Array.from([...importRequest, ...getDeviceDescriptor, ...bulkOut, ...unlink]);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (at) => {
        expect(readAll(new RequestReader(), cut(stream, at))).toEqual([
          { type: 'import', busid: '1-1.4' },
          {
            type: 'submit',
            seqnum: 0xd05,
            ep: 0,
            isIn: true,
            length: 64,
            setup: { bmRequestType: 0x80, bRequest: 6, wValue: 0x0100, wIndex: 0, wLength: 64 },
            data: new Uint8Array(0),
          },
          {
            type: 'submit',
            seqnum: 0xd06,
            ep: 2,
            isIn: false,
            length: 3,
            setup: { bmRequestType: 0, bRequest: 0, wValue: 0, wIndex: 0, wLength: 0 },
            data: Uint8Array.of(1, 2, 3),
          },
          { type: 'unlink', seqnum: 0xd07, unlinkSeqnum: 0xd05 },
        ]);
      }),
    );
  });

  it('refuses another protocol, an unknown operation and a transfer too large to be meant', () => {
    expect(() => readAll(new RequestReader(), [bytes('47455420 2f204854')])).toThrow(RangeError);
    expect(() => readAll(new RequestReader(), [bytes('0111 8099 00000000')])).toThrow(RangeError);
    const huge = getDeviceDescriptor.slice();
    new DataView(huge.buffer).setUint32(24, 0x7fffffff);
    expect(() => readAll(new RequestReader(), [importRequest, huge])).toThrow(RangeError);
  });

  it('takes damaged streams without a crash, holding no more than one message', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    const whole = [importRequest, getDeviceDescriptor, bulkOut, unlink];
    for (let run = 0; run < cases(100_000); run += 1) {
      const stream = Uint8Array.from(Buffer.concat(whole.slice(0, 1 + random(4))));
      for (let hits = random(6); hits > 0; hits -= 1) stream[random(stream.length)] = random(256);
      try {
        const seen = readAll(new RequestReader(), cut(stream, [random(1000), random(1000)]));
        if (seen.length > stream.length / 8 + 1)
          expect.fail(`${seen.length} requests in ${stream.length} bytes`);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
  });
});

describe('replies to transfers', () => {
  it('have the layout of the protocol page', () => {
    expect(encodeSubmitReply(0xd05, -32, 0, new Uint8Array(0))).toEqual(
      bytes(
        `00000003 00000d05 00000000 00000000 00000000 ffffffe0 00000000 00000000 ffffffff 00000000 ${'00'.repeat(8)}`,
      ),
    );
    expect(encodeUnlinkReply(0xd07, -104)).toEqual(
      bytes(`00000004 00000d07 00000000 00000000 00000000 ffffff98 ${'00'.repeat(24)}`),
    );
  });
});
