import { describe, expect, it } from 'vitest';
import {
  commandCode,
  encodeCommand,
  encodeRequestBlock,
  encodeSendBlock,
} from '../../../../app/protocols/katapult/command.ts';
import { exchange, toHex } from './vectors.ts';

const counting = Uint8Array.from({ length: 64 }, (_, index) => index);

describe('commands, byte for byte as sent to the real firmware', () => {
  it.each([
    ['connect', encodeCommand(commandCode.connect)],
    ['get_canbus_id on a USB build', encodeCommand(commandCode.getCanbusId)],
    ['unknown command 0x90', encodeCommand(commandCode.dummy)],
    ['eof', encodeCommand(commandCode.eof)],
    ['request_block 0x08000000', encodeRequestBlock(0x08000000)],
    ['request_block 0x08008000 erased', encodeRequestBlock(0x08008000)],
    ['send_block 0x08008000', encodeSendBlock(0x08008000, counting)],
    ['send_block half a block', encodeSendBlock(0x08008140, new Uint8Array(32))],
    ['send_block not aligned', encodeSendBlock(0x08008104, new Uint8Array(64))],
  ])('%s', (what, frame) => {
    expect(toHex(frame)).toBe(toHex(exchange(what).sent));
  });

  it('three SEND_BLOCKs in one write', () => {
    const frames = [0, 1, 2].map((n) => encodeSendBlock(0x08008040 + 64 * n, new Uint8Array(64).fill(n)));
    expect(frames.map(toHex).join('')).toBe(
      toHex(exchange('send_block 0x08008040 out of 3 in one write').sent),
    );
  });
});
