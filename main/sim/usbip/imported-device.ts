import type { AttachedDevice } from '../bus/attached-device.ts';
import { noBytes, UsbGone, UsbOverflow, UsbStall } from '../bus/usb-function.ts';
import { encodeSubmitReply, encodeUnlinkReply, urbStatus, type Submit, type Unlink } from './urb.ts';

/** One device while a peer has it attached: runs its transfers and replies to each once, in the order they complete. */
export class ImportedDevice {
  readonly #device: AttachedDevice;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #pending = new Map<number, AbortController>();

  constructor(device: AttachedDevice, send: (bytes: Uint8Array) => void) {
    this.#device = device;
    this.#send = send;
  }

  submit(urb: Submit): void {
    const controller = new AbortController();
    this.#pending.set(urb.seqnum, controller);
    this.#transfer(urb, controller.signal).then(
      (data) => {
        if (!this.#pending.delete(urb.seqnum)) return;
        const isIn = urb.ep === 0 ? (urb.setup.bmRequestType & 0x80) !== 0 : urb.isIn;
        const actualLength = isIn ? data.length : urb.data.length;
        this.#send(encodeSubmitReply(urb.seqnum, urbStatus.ok, actualLength, isIn ? data : noBytes));
      },
      (error: unknown) => {
        // Unlinked ones already have their reply; after the device has gone, the closing socket says it all.
        if (!this.#pending.delete(urb.seqnum) || error instanceof UsbGone) return;
        this.#send(encodeSubmitReply(urb.seqnum, statusOf(error), 0, noBytes));
      },
    );
  }

  /** A late unlink gets 0: the transfer's own reply is on its way. */
  unlink({ seqnum, unlinkSeqnum }: Unlink): void {
    const controller = this.#pending.get(unlinkSeqnum);
    this.#pending.delete(unlinkSeqnum);
    this.#send(encodeUnlinkReply(seqnum, controller === undefined ? urbStatus.ok : urbStatus.unlinked));
    controller?.abort(new Error('unlinked'));
  }

  /** Ends every transfer without a reply. */
  close(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const controller of pending) controller.abort(new Error('the peer is gone'));
  }

  async #transfer(urb: Submit, signal: AbortSignal): Promise<Uint8Array> {
    if (urb.ep === 0) return this.#device.control(urb.setup, urb.data, signal);
    if (urb.isIn) return this.#device.bulkIn(0x80 | urb.ep, urb.length, signal);
    await this.#device.bulkOut(urb.ep, urb.data, signal);
    return noBytes;
  }
}

function statusOf(error: unknown): number {
  if (error instanceof UsbStall) return urbStatus.stall;
  return error instanceof UsbOverflow ? urbStatus.overflow : urbStatus.protocol;
}
