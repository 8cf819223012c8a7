import type { Clock } from '../transport/clock.ts';
import type { ControlSetup, TransferOptions, UsbLink, UsbReply, UsbRequest } from '../transport/usb-link.ts';

interface Done {
  readonly setup: ControlSetup;
  readonly reply: UsbReply;
}

/**
 * A link that is far away, with control transfers that were done ahead: each that is asked for next, in the same order, has
 * its reply already. So what asks stays as it is and pays one round trip for a list. Anything else goes to the device, and
 * what was done ahead is then forgotten.
 */
export class LinkAhead implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  readonly #link: UsbLink;
  #done: Done[] = [];

  private constructor(link: UsbLink) {
    this.#link = link;
    this.label = link.label;
    this.portPath = link.portPath;
    this.deviceDescriptor = link.deviceDescriptor;
    this.configurationDescriptor = link.configurationDescriptor;
  }

  /** Null for a link that does no lists, as those of this computer. */
  static of(link: UsbLink): LinkAhead | null {
    return link.exchange === undefined ? null : new LinkAhead(link);
  }

  /** Does these now; a failure is thrown where its transfer is asked for. Throws what ended the link. */
  async doAhead(list: readonly UsbRequest[]): Promise<void> {
    this.#done = [];
    const replies = await this.#link.exchange?.(list);
    let at = 0;
    for (const reply of replies ?? []) {
      const request = list[at];
      if (request === undefined) return;
      this.#done.push({ setup: request.setup, reply });
      if (!isRepeated(request, reply)) at += 1;
    }
  }

  /** Waits that were kept where the device is are not kept again here. */
  clock(clock: Clock): Clock {
    let aheadMs = 0;
    return {
      nowMs: () => clock.nowMs() + aheadMs,
      sleep: async (ms, signal) => {
        if (this.#done.length === 0) return clock.sleep(ms, signal);
        signal?.throwIfAborted();
        aheadMs += ms;
      },
    };
  }

  async controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#next(setup) ?? (await this.#link.controlIn(setup, length, options));
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    if (this.#next(setup) === null) await this.#link.controlOut(setup, data, options);
  }

  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#link.bulkIn(endpoint, length, options);
  }

  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    return this.#link.bulkOut(endpoint, data, options);
  }

  claimInterface(interfaceNumber: number): Promise<void> {
    return this.#link.claimInterface(interfaceNumber);
  }

  setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    return this.#link.setAltSetting(interfaceNumber, alternateSetting);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Null if this transfer was not done ahead. */
  #next(setup: ControlSetup): Uint8Array | null {
    const [first] = this.#done;
    if (first === undefined || !isSame(first.setup, setup)) {
      this.#done = [];
      return null;
    }
    this.#done.shift();
    if (first.reply.error !== null) throw first.reply.error;
    return first.reply.bytes;
  }
}

function isRepeated({ again }: UsbRequest, { bytes }: UsbReply): boolean {
  return again !== undefined && bytes !== null && again.expect.every(([at, value]) => bytes[at] === value);
}

function isSame(one: ControlSetup, other: ControlSetup): boolean {
  return (
    one.bmRequestType === other.bmRequestType &&
    one.bRequest === other.bRequest &&
    one.wValue === other.wValue &&
    one.wIndex === other.wIndex
  );
}
