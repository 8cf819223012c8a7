import type { SetupPacket } from '../bus/usb-function.ts';

/**
 * Transfers after an import, big-endian (Linux Documentation/usb/usbip_protocol.rst):
 *
 *     | command | seqnum | devid | direction | ep |                                            20 bytes, all u32
 *     CMD_SUBMIT 1: | transfer_flags | length | start_frame | number_of_packets | interval | setup 8 | OUT data |
 *     CMD_UNLINK 2: | seqnum to unlink | 24 bytes padding |
 *     RET_SUBMIT 3: | status | actual_length | start_frame | number_of_packets | error_count | 8 bytes padding | IN data |
 *     RET_UNLINK 4: | status | 24 bytes padding |
 */
export const urbHeaderBytes = 48;

/** Linux errno values that travel as a URB's status. */
export const urbStatus = {
  ok: 0,
  stall: -32,
  overflow: -75,
  unlinked: -104,
  protocol: -71,
} as const;

export interface Submit {
  readonly type: 'submit';
  readonly seqnum: number;
  /** Endpoint number without direction. */
  readonly ep: number;
  readonly isIn: boolean;
  readonly length: number;
  readonly setup: SetupPacket;
  /** Empty for IN. */
  readonly data: Uint8Array;
}

export interface Unlink {
  readonly type: 'unlink';
  readonly seqnum: number;
  readonly unlinkSeqnum: number;
}

/** The most that a peer may announce; the drivers here use a few KiB. */
const maxTransferBytes = 1024 * 1024;

/** The length in bytes of the message that starts with this 48-byte header; null if it is invalid. */
export function urbBytes(header: Uint8Array): number | null {
  const view = viewOf(header);
  const command = view.getUint32(0);
  if (command === 2) return urbHeaderBytes;
  const length = view.getUint32(24);
  if (command !== 1 || length > maxTransferBytes) return null;
  return view.getUint32(12) === 0 ? urbHeaderBytes + length : urbHeaderBytes;
}

/** Decodes a whole message of `urbBytes` bytes. */
export function decodeUrb(message: Uint8Array): Submit | Unlink {
  const view = viewOf(message);
  const seqnum = view.getUint32(4);
  if (view.getUint32(0) === 2) return { type: 'unlink', seqnum, unlinkSeqnum: view.getUint32(20) };
  return {
    type: 'submit',
    seqnum,
    isIn: view.getUint32(12) !== 0,
    ep: view.getUint32(16) & 0x0f,
    length: view.getUint32(24),
    setup: {
      bmRequestType: view.getUint8(40),
      bRequest: view.getUint8(41),
      wValue: view.getUint16(42, true),
      wIndex: view.getUint16(44, true),
      wLength: view.getUint16(46, true),
    },
    data: message.slice(urbHeaderBytes),
  };
}

/** `data` is what arrived for IN; for OUT pass `actualLength` and no data. */
export function encodeSubmitReply(
  seqnum: number,
  status: number,
  actualLength: number,
  data: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(urbHeaderBytes + data.length);
  const view = viewOf(bytes);
  view.setUint32(0, 3);
  view.setUint32(4, seqnum);
  view.setInt32(20, status);
  view.setUint32(24, actualLength);
  // Not isochronous.
  view.setUint32(32, 0xffffffff);
  bytes.set(data, urbHeaderBytes);
  return bytes;
}

export function encodeUnlinkReply(seqnum: number, status: number): Uint8Array {
  const bytes = new Uint8Array(urbHeaderBytes);
  const view = viewOf(bytes);
  view.setUint32(0, 4);
  view.setUint32(4, seqnum);
  view.setInt32(20, status);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
