import { CanopusError } from '../errors.ts';
import { answerCode, parseWord } from '../protocols/katapult/answer.ts';
import {
  commandCode,
  encodeCommand,
  encodeRequestBlock,
  encodeSendBlock,
} from '../protocols/katapult/command.ts';
import { frameBytes, frameLayout } from '../protocols/katapult/frame.ts';
import { hex32 } from '../hex.ts';
import { deadBitsDetails, describeDeadBits, findDeadBits, hexByte } from './flash-damage.ts';
import type { KatapultBlock } from './katapult-blocks.ts';
import { blockTimeoutMs, byteLine, type KatapultLine } from './katapult-line.ts';
import type { Acknowledgement, PipelineStep } from './katapult-pipeline.ts';

const readTimeoutMs = 2000;
const commandTimeoutMs = 2000;

/** SEND_BLOCK of one block. */
export function writeStep(block: KatapultBlock, line: KatapultLine = byteLine): PipelineStep {
  const { address, data } = block;
  const timeoutMs = blockTimeoutMs(block, line);
  return {
    request: `writing the block at ${hex32(address)}`,
    address,
    timeoutMs,
    encode: () => encodeSendBlock(address, data),
    reply: replyAbout(commandCode.sendBlock, address, 0),
    check: (answer) => (isAbout(answer, commandCode.sendBlock, address) ? null : { type: 'wrongAnswer' }),
  };
}

/** REQUEST_BLOCK of one block, compared with what was written there. */
export function readStep({ address, data }: KatapultBlock): PipelineStep {
  return requestStep(address, data.length, (found) => {
    const at = data.findIndex((byte, index) => byte !== found[index]);
    return at === -1 ? null : { type: 'differs', error: mismatch(address, data, found, at) };
  });
}

/** REQUEST_BLOCK of the current content of flash; `onData` gets the block. */
export function fetchStep(
  address: number,
  blockSize: number,
  onData: (data: Uint8Array) => void,
): PipelineStep {
  return requestStep(address, blockSize, (data) => {
    onData(data);
    return null;
  });
}

function requestStep(
  address: number,
  blockSize: number,
  take: (data: Uint8Array) => ReturnType<PipelineStep['check']>,
): PipelineStep {
  return {
    request: `reading the block at ${hex32(address)}`,
    address,
    timeoutMs: readTimeoutMs,
    encode: () => encodeRequestBlock(address),
    reply: replyAbout(commandCode.requestBlock, address, blockSize),
    check: (answer) => {
      const data = answer.data.subarray(4);
      const isAnswer = isAbout(answer, commandCode.requestBlock, address) && data.length === blockSize;
      return isAnswer ? take(data) : { type: 'wrongAnswer' };
    },
  };
}

/** EOF; `onPages` gets the number of pages that Katapult has begun since its start. */
export function endOfFileStep(onPages: (pages: number) => void): PipelineStep {
  return {
    request: 'ending the file',
    address: null,
    timeoutMs: commandTimeoutMs,
    encode: () => encodeCommand(commandCode.eof),
    check: ({ command, data }) => {
      if (command !== commandCode.eof) return { type: 'wrongAnswer' };
      onPages(parseWord(data) ?? 0);
      return null;
    },
  };
}

/** An acknowledgement of a command for an address, with so many bytes of data. */
function replyAbout(command: number, address: number, dataBytes: number): Required<PipelineStep>['reply'] {
  const words = 2 + dataBytes / 4;
  const begins = new Uint8Array(frameLayout.headerBytes + 8);
  begins.set([frameLayout.header0, frameLayout.header1, answerCode.ack, words]);
  const view = new DataView(begins.buffer);
  view.setUint32(frameLayout.headerBytes, command, true);
  view.setUint32(frameLayout.headerBytes + 4, address, true);
  return { begins, length: frameBytes(words) };
}

function isAbout({ command, data }: Acknowledgement, expected: number, address: number): boolean {
  return command === expected && parseWord(data) === address;
}

/** Reported only after every try to read the block has failed. */
function mismatch(address: number, expected: Uint8Array, found: Uint8Array, at: number): CanopusError {
  const damage = findDeadBits(address, expected, found);
  if (damage !== null) {
    return new CanopusError(
      'katapult/flash-damaged',
      describeDeadBits(damage, 'written'),
      deadBitsDetails(damage),
    );
  }
  const where = hex32(address + at);
  return new CanopusError(
    'katapult/verify-mismatch',
    `The flash holds ${hexByte(found[at])} at ${where}, expected ${hexByte(expected[at])}.`,
    { address: where, expected: hexByte(expected[at]), found: hexByte(found[at]) },
  );
}
