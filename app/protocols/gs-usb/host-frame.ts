import type { CanFrame } from '../../transport/can-link.ts';

/**
 * gs_usb host frame, 20 bytes, little-endian (Linux drivers/net/can/usb/gs_usb.c, `struct gs_host_frame`):
 *
 * | offset | bytes | what                                                             |
 * |--------|-------|------------------------------------------------------------------|
 * | 0      | 4     | echo_id: ffffffff = received from the bus, else echo of a sent one |
 * | 4      | 4     | can_id: bits 0-28 id, 29 error, 30 remote request, 31 extended   |
 * | 8      | 1     | can_dlc, 0 to 8                                                  |
 * | 9      | 1     | channel                                                          |
 * | 10     | 1     | flags                                                            |
 * | 11     | 1     | reserved                                                         |
 * | 12     | 8     | data                                                             |
 */
interface HostFrame {
  /** Null for a frame from the bus; otherwise the number that the host gave the frame it sent. */
  readonly echoId: number | null;
  readonly channel: number;
  readonly frame: CanFrame;
  /** A remote request or an error report of the adapter: not data from another node. */
  readonly special: boolean;
}

export const hostFrameBytes = 20;
const receivedEchoId = 0xffff_ffff;
const idFlag = { error: 0x2000_0000, remote: 0x4000_0000, extended: 0x8000_0000 } as const;

/** The 20 bytes of a data frame; `echoId` null for one from the bus. More than 8 bytes are a programming error. */
export function encodeHostFrame(frame: CanFrame, echoId: number | null, channel = 0): Uint8Array {
  if (frame.data.length > 8)
    throw new RangeError(`a CAN frame has at most 8 bytes, not ${frame.data.length}`);
  const bytes = new Uint8Array(hostFrameBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, echoId ?? receivedEchoId, true);
  view.setUint32(4, frame.extended ? (frame.id | idFlag.extended) >>> 0 : frame.id, true);
  bytes[8] = frame.data.length;
  bytes[9] = channel;
  bytes.set(frame.data, 12);
  return bytes;
}

/** Decodes 20 bytes from either end; null for fewer bytes or a length above 8. Never throws. */
export function parseHostFrame(bytes: Uint8Array): HostFrame | null {
  const length = bytes[8] ?? 0xff;
  if (bytes.length < hostFrameBytes || length > 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const echoId = view.getUint32(0, true);
  const rawId = view.getUint32(4, true);
  const extended = (rawId & idFlag.extended) !== 0;
  return {
    echoId: echoId === receivedEchoId ? null : echoId,
    channel: bytes[9] ?? 0,
    frame: { id: rawId & (extended ? 0x1fff_ffff : 0x7ff), extended, data: bytes.slice(12, 12 + length) },
    special: (rawId & (idFlag.error | idFlag.remote)) !== 0,
  };
}
