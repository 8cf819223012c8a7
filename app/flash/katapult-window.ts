import { frameBytes } from '../protocols/katapult/frame.ts';
import { hasOtgUsb } from '../mcu/stm32-katapult.ts';

/*
 * How many requests may be in flight. Facts: Katapult v0.0.1-109, src/generic/usb_cdc.c and src/command.c.
 *
 * - The firmware fetches a packet only while 64 of its 128 bytes are free. Of frames of 76 bytes in one run of full
 *   packets the sixth leaves 68 bytes: too few for the frame, too many for the next packet. Then nothing moves until a
 *   reset. Five frames never get there, however the host's driver splits or joins writes.
 * - It has 192 bytes for replies, and drops a reply that does not fit.
 * - It sends no zero-length packets. If the last replies end on a full packet, the host waits for more before it
 *   delivers them. A packet takes up to 64 bytes of what has gathered while the last one waited to be fetched.
 */

/** Of four replies of 16 bytes one is on its way before three can gather: no packet is ever full. */
const blocksInFlight = 4;

/**
 * Replies of 80 bytes: one, two or three of them in a row do not fill their last packet, four would. If two more are
 * requested only when two of three have come, a fourth cannot join the row: the second has come only when the row has
 * ended.
 */
const maxReadsInFlight = 3;

const usualBlockSize = 64;
const answerBufferBytes = 192;
const packetBytes = 64;

/** How many SEND_BLOCKs may be in flight; blocks longer than the usual ones are sent one at a time. */
export function writeWindow(blockSize: number): number {
  return blockSize === usualBlockSize ? blocksInFlight : 1;
}

/**
 * How many REQUEST_BLOCKs may be in flight: no more than their replies fit into the reply buffer and, on parts with the
 * OTG peripheral, the packet that has already left it.
 */
export function readWindow(blockSize: number, mcu: string): number {
  const answerBytes = frameBytes(2 + blockSize / 4);
  const room = answerBufferBytes + (hasOtgUsb(mcu) ? packetBytes : 0);
  return Math.min(maxReadsInFlight, Math.max(1, Math.floor(room / answerBytes)));
}
