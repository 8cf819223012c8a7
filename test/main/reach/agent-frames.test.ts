import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import {
  AgentFrameReader,
  encodeAgentMessage,
  type AgentMessage,
} from '../../../main/reach/pi/agent-frames.ts';
import { cases } from '../../counts.ts';

const header = fc.dictionary(
  fc.constantFrom('id', 'on', 'error', 'text'),
  fc.oneof(fc.integer(), fc.string()),
);
const message = fc.record({ header, data: fc.uint8Array({ maxLength: 300 }) });

function read(stream: Uint8Array, cuts: readonly number[]): readonly AgentMessage[] {
  const reader = new AgentFrameReader();
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  let from = 0;
  return ends.flatMap((end) => {
    const messages = reader.push(stream.subarray(from, end));
    from = end;
    return messages;
  });
}

describe('messages of the agent', () => {
  it('are read as they were sent, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 8 }), (all, cuts) => {
        const stream = new Uint8Array(
          Buffer.concat(all.map((each) => encodeAgentMessage(each.header, each.data))),
        );
        expect(read(stream, cuts)).toEqual(
          all.map((each) => ({ header: { ...each.header }, data: Uint8Array.from(each.data) })),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('that are damaged are refused by name or read as others, and never hold more than they may', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), flips, fc.nat(), (all, changes, cut) => {
        const stream = new Uint8Array(
          Buffer.concat(all.map((each) => encodeAgentMessage(each.header, each.data))),
        );
        for (const [at, value] of changes) stream[at % stream.length] = value;
        try {
          for (const { data } of read(stream, [cut])) expect(data.length).toBeLessThanOrEqual(stream.length);
        } catch (error) {
          if (!isCanopusError(error, 'link/protocol')) throw error;
        }
      }),
      { numRuns: cases(100_000) },
    );
  });
});
