import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dataIds,
  encodeAdminMessage,
  parseAdminFrame,
  type AdminMessage,
} from '../../../../app/protocols/klipper-can/admin-frame.ts';
import { cases } from '../../../counts.ts';

const uuid = '6beb0175188a';
const uuidBytes = [0x6b, 0xeb, 0x01, 0x75, 0x18, 0x8a];

const frames: readonly (readonly [AdminMessage, number, readonly number[]])[] = [
  [{ type: 'queryUnassigned' }, 0x3f0, [0x00]],
  [{ type: 'setKlipperNodeId', uuid, nodeId: 5 }, 0x3f0, [0x01, ...uuidBytes, 5]],
  [{ type: 'requestBootloader', uuid }, 0x3f0, [0x02, ...uuidBytes]],
  [{ type: 'setKatapultNodeId', uuid, nodeId: 128 }, 0x3f0, [0x11, ...uuidBytes, 128]],
  [{ type: 'clearKatapultNodeIds' }, 0x3f0, [0x12]],
  [{ type: 'needNodeId', uuid, application: 'klipper' }, 0x3f1, [0x20, ...uuidBytes, 0x01]],
  [{ type: 'needNodeId', uuid, application: 'katapult' }, 0x3f1, [0x20, ...uuidBytes, 0x11]],
  [{ type: 'needNodeId', uuid, application: 'unknown' }, 0x3f1, [0x20, ...uuidBytes]],
];

describe('admin frames', () => {
  it.each(frames)('%o has its documented bytes', (message, id, bytes) => {
    const frame = { id, extended: false, data: Uint8Array.from(bytes) };
    expect(encodeAdminMessage(message)).toEqual(frame);
    expect(parseAdminFrame(frame)).toEqual(message);
  });

  it('names an application it does not know "unknown"', () => {
    const data = Uint8Array.from([0x20, ...uuidBytes, 0x77]);
    expect(parseAdminFrame({ id: 0x3f1, extended: false, data })).toMatchObject({ application: 'unknown' });
  });

  it('takes a frame that is too short, extended or on another id for none', () => {
    const short = Uint8Array.from([0x02, ...uuidBytes.slice(1)]);
    expect(parseAdminFrame({ id: 0x3f0, extended: false, data: short })).toBeNull();
    expect(parseAdminFrame({ id: 0x3f0, extended: true, data: Uint8Array.of(0) })).toBeNull();
    expect(parseAdminFrame({ id: 0x100, extended: false, data: Uint8Array.of(0) })).toBeNull();
    expect(parseAdminFrame({ id: 0x3f0, extended: false, data: new Uint8Array(0) })).toBeNull();
  });

  it('refuses to encode an invalid UUID', () => {
    expect(() => encodeAdminMessage({ type: 'requestBootloader', uuid: '6beb' })).toThrow(RangeError);
  });

  it('gives nodes their data ids', () => {
    expect(dataIds(128)).toEqual({ toNode: 0x200, fromNode: 0x201 });
  });

  it('never throws, and what it reads it writes the same, over random frames', () => {
    const bytes = fc.uint8Array({ maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom(0x3f0, 0x3f1, 0x100),
        bytes,
        fc.constantFrom(0, 1, 2, 0x11, 0x12, 0x20),
        (id, data, code) => {
          if (data.length > 0) data[0] = code;
          const message = parseAdminFrame({ id, extended: false, data });
          if (message === null) return;
          const again = encodeAdminMessage(message);
          expect(again.id).toBe(id);
          expect(data.subarray(0, again.data.length)).toEqual(again.data);
        },
      ),
      { numRuns: cases(100_000) },
    );
  });
});
