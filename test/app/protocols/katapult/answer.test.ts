import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../../app/errors.ts';
import {
  parseAnswer,
  parseConnect,
  parseWord,
  type Answer,
} from '../../../../app/protocols/katapult/answer.ts';
import { commandCode } from '../../../../app/protocols/katapult/command.ts';
import { Random } from './random.ts';
import { exchange, fromHex, readFrames } from './vectors.ts';
import { cases } from '../../../counts.ts';

function answersOf(what: string): Answer[] {
  return readFrames(exchange(what).answered).map(parseAnswer);
}

function ackOf(what: string): { command: number; data: Uint8Array } {
  const [answer] = answersOf(what);
  if (answer?.type !== 'ack') throw new Error(`"${what}" was not acknowledged`);
  return answer;
}

/** CONNECT's data: version, application address, block size, then text where | stands for a 0 byte. */
function connectData(
  version: number,
  applicationAddress: number,
  blockSize: number,
  text: string,
): Uint8Array {
  const bytes = new Uint8Array(12 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, version, true);
  view.setUint32(4, applicationAddress, true);
  view.setUint32(8, blockSize, true);
  bytes.set(
    Array.from(text, (character) => (character === '|' ? 0 : character.charCodeAt(0))),
    12,
  );
  return bytes;
}

describe('replies of the real firmware', () => {
  it('reads the reply to CONNECT', () => {
    const { command, data } = ackOf('connect');
    expect(command).toBe(commandCode.connect);
    expect(parseConnect(data)).toEqual({
      protocolVersion: '1.1.0',
      protocolMajor: 1,
      applicationAddress: 0x08008000,
      blockSize: 64,
      mcu: 'stm32f446xx',
      softwareVersion: 'v0.0.1-109-g902f335',
    });
  });

  it('reads the block address that SEND_BLOCK and REQUEST_BLOCK repeat', () => {
    expect(parseWord(ackOf('send_block 0x08008000').data)).toBe(0x08008000);
    const block = ackOf('request_block 0x08008000 erased');
    expect(block.command).toBe(commandCode.requestBlock);
    expect(parseWord(block.data)).toBe(0x08008000);
    expect(block.data.subarray(4)).toEqual(new Uint8Array(64).fill(0xff));
  });

  it('reads a block that is full of frame trailers', () => {
    const { data } = ackOf('request_block 0x08000000');
    expect(data).toHaveLength(68);
    expect(data.subarray(4, 12)).toEqual(fromHex('f8ff012059010008'));
  });

  it('reads the pages that EOF counts', () => {
    expect(parseWord(ackOf('eof').data)).toBe(1);
  });

  it.each([
    ['get_canbus_id on a USB build', 'commandError'],
    ['unknown command 0x90', 'commandError'],
    ['send_block below the application start', 'commandError'],
    ['send_block 0x08008040 again, other data', 'commandError'],
    ['send_block not aligned', 'commandError'],
    ['send_block half a block', 'commandError'],
    ['connect with a wrong CRC', 'nack'],
  ])('%s: %s', (what, type) => {
    expect(answersOf(what)).toEqual([{ type }]);
  });

  it('reads one reply per request if several were sent at once', () => {
    const addresses = answersOf('send_block 0x08008040 out of 3 in one write').map((answer) =>
      answer.type === 'ack' ? parseWord(answer.data) : null,
    );
    expect(addresses).toEqual([0x08008040, 0x08008080, 0x080080c0]);
    expect(answersOf('two connects in one write').map((answer) => answer.type)).toEqual(['ack', 'ack']);
  });
});

describe('parseConnect', () => {
  it('knows a version before 1.1.0, which has no software version', () => {
    expect(parseConnect(connectData(0x00010000, 0x08002000, 64, 'stm32f103xe|'))).toMatchObject({
      protocolVersion: '1.0.0',
      mcu: 'stm32f103xe',
      softwareVersion: null,
    });
  });

  it.each(['stm32f407xx|v1.2', 'stm32f407xx|||||v1.2||', 'stm32f407xx||v1.2|||'])('reads "%s"', (text) => {
    expect(parseConnect(connectData(0x00010100, 0x08008000, 256, text))).toMatchObject({
      blockSize: 256,
      mcu: 'stm32f407xx',
      softwareVersion: 'v1.2',
    });
  });

  it('reads a name that ends with the data, without a 0 byte', () => {
    expect(parseConnect(connectData(0x00010000, 0x08008000, 64, 'stm32f446xxx')).mcu).toBe('stm32f446xxx');
  });

  it.each([
    ['too short', new Uint8Array(12)],
    ['a block size of 63', connectData(0x00010100, 0x08008000, 63, 'stm32f407xx|')],
    ['a block size of 0', connectData(0x00010100, 0x08008000, 0, 'stm32f407xx|')],
    ['no MCU', connectData(0x00010100, 0x08008000, 64, '||||v1.2')],
    ['control bytes for a name', connectData(0x00010100, 0x08008000, 64, 'stm\x01')],
  ])('refuses %s', (_what, data) => {
    let thrown: unknown = null;
    try {
      parseConnect(data);
    } catch (error) {
      thrown = error;
    }
    expect(isCanopusError(thrown, 'katapult/bad-answer')).toBe(true);
  });
});

describe('parseAnswer', () => {
  it('reads a busy device', () => {
    expect(readFrames(fromHex('0188f300d8a69903')).map(parseAnswer)).toEqual([{ type: 'busy' }]);
  });

  it('takes an acknowledgement of nothing, and an unknown code, for unknown', () => {
    expect(parseAnswer({ code: 0xa0, payload: new Uint8Array(0) })).toEqual({ type: 'unknown', code: 0xa0 });
    expect(parseAnswer({ code: 0x55, payload: new Uint8Array(0) })).toEqual({ type: 'unknown', code: 0x55 });
  });
});

describe('random and mutated replies', () => {
  it('are read, or refused as katapult/bad-answer', () => {
    const random = new Random(0x88);
    const real = ackOf('connect').data;
    let read = 0;
    for (let run = 0; run < cases(100_000); run++) {
      const data =
        run % 2 === 0 ? random.bytes(random.below(80)) : real.slice(0, real.length - random.below(30));
      for (let flips = random.below(3); flips > 0 && data.length > 0; flips--)
        data[random.below(data.length)]! ^= 1 << random.below(8);
      parseAnswer({ code: random.pick([0xa0, 0xf1, 0xf2, 0xf3, random.below(256)]), payload: data });
      parseWord(data);
      try {
        if (parseConnect(data).mcu !== '') read += 1;
      } catch (error) {
        if (!isCanopusError(error, 'katapult/bad-answer')) throw error;
      }
    }
    expect(read).toBeGreaterThan(cases(1000));
  });
});
