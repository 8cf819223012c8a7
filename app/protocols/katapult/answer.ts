import { CanopusError } from '../../errors.ts';
import type { Frame } from './frame.ts';

/** Kinds of reply (protocol.md, "Responses"). */
export const answerCode = { ack: 0xa0, nack: 0xf1, commandError: 0xf2, busy: 0xf3 } as const;

export type Answer =
  /** Done. `command` is the code of the command, `data` what follows it. */
  | { readonly type: 'ack'; readonly command: number; readonly data: Uint8Array }
  /** The device received bytes that were not a whole frame. */
  | { readonly type: 'nack' }
  /** The device understood the command and could not do it. */
  | { readonly type: 'commandError' }
  /** The device cannot accept the command now. */
  | { readonly type: 'busy' }
  | { readonly type: 'unknown'; readonly code: number };

/** Decodes a frame from the device. Never throws: an invalid one is `unknown`. */
export function parseAnswer({ code, payload }: Frame): Answer {
  switch (code) {
    case answerCode.ack:
      if (payload.length < 4) return { type: 'unknown', code };
      return { type: 'ack', command: readUint32(payload, 0), data: payload.subarray(4) };
    case answerCode.nack:
      return { type: 'nack' };
    case answerCode.commandError:
      return { type: 'commandError' };
    case answerCode.busy:
      return { type: 'busy' };
    default:
      return { type: 'unknown', code };
  }
}

/** What CONNECT reports about the device. */
export interface ConnectInfo {
  /** `1.1.0`. */
  readonly protocolVersion: string;
  readonly protocolMajor: number;
  /** Flash address at which Katapult starts the application. */
  readonly applicationAddress: number;
  /** Bytes per block: 64, 128, 256 or 512. */
  readonly blockSize: number;
  /** As Klipper and Katapult spell it: `stm32f446xx`. */
  readonly mcu: string;
  /** `v0.0.1-109-g902f335`; null if the device does not report it (protocol before 1.1.0). */
  readonly softwareVersion: string | null;
}

const blockSizes = [64, 128, 256, 512];

/**
 * Reads the data of CONNECT's acknowledgement. At least one 0 byte separates the two strings, often more; both are
 * padded with 0 bytes to whole words. Throws `katapult/bad-answer` if it is malformed.
 */
export function parseConnect(data: Uint8Array): ConnectInfo {
  if (data.length < 16)
    throw badAnswer(`CONNECT was acknowledged with ${data.length} bytes, at least 16 are expected`);
  const version = readUint32(data, 0);
  const blockSize = readUint32(data, 8);
  if (!blockSizes.includes(blockSize)) throw badAnswer(`CONNECT reports a block size of ${blockSize} bytes`);
  const [mcu = '', softwareVersion = ''] = readStrings(data.subarray(12));
  if (mcu === '') throw badAnswer('CONNECT does not name an MCU');
  return {
    protocolVersion: `${(version >>> 16) & 0xff}.${(version >>> 8) & 0xff}.${version & 0xff}`,
    protocolMajor: version >>> 16,
    applicationAddress: readUint32(data, 4),
    blockSize,
    mcu,
    softwareVersion: softwareVersion === '' ? null : softwareVersion,
  };
}

/**
 * The first word in the acknowledgement of SEND_BLOCK, REQUEST_BLOCK (the block's address) and EOF (the number of pages
 * begun); null if it is missing.
 */
export function parseWord(data: Uint8Array): number | null {
  return data.length < 4 ? null : readUint32(data, 0);
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}

/** Runs of printable ASCII, separated by one or more 0 bytes. Anything else is not a name and ends the reading. */
function readStrings(bytes: Uint8Array): string[] {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  if (/[^\0\x20-\x7e]/.test(text))
    throw badAnswer('CONNECT names the MCU or version in bytes that are not text');
  return text.split(/\0+/);
}

function badAnswer(message: string): CanopusError {
  return new CanopusError('katapult/bad-answer', `${message}.`);
}
