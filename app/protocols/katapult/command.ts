import { encodeFrame } from './frame.ts';

/** Commands of the host (protocol.md, "Commands"). */
export const commandCode = {
  connect: 0x11,
  sendBlock: 0x12,
  eof: 0x13,
  requestBlock: 0x14,
  complete: 0x15,
  getCanbusId: 0x16,
  /** Not a command of Katapult: its reply is a command error, which wakes double-buffered USB devices. */
  dummy: 0x90,
} as const;

type CommandCode = (typeof commandCode)[keyof typeof commandCode];

/** A command without arguments, as a whole frame. */
export function encodeCommand(
  code: Exclude<CommandCode, typeof commandCode.sendBlock | typeof commandCode.requestBlock>,
): Uint8Array {
  return encodeFrame(code);
}

function withAddress(address: number, data: Uint8Array): Uint8Array {
  const payload = new Uint8Array(4 + data.length);
  new DataView(payload.buffer).setUint32(0, address, true);
  payload.set(data, 4);
  return payload;
}

/** SEND_BLOCK: writes `block` (exactly one block of what CONNECT reported) at flash address `address`. */
export function encodeSendBlock(address: number, block: Uint8Array): Uint8Array {
  return encodeFrame(commandCode.sendBlock, withAddress(address, block));
}

/** REQUEST_BLOCK: requests the block at flash address `address`. */
export function encodeRequestBlock(address: number): Uint8Array {
  return encodeFrame(commandCode.requestBlock, withAddress(address, new Uint8Array(0)));
}
