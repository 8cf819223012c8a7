import { isCanopusError } from '../../app/errors.ts';
import type { ByteLink, ByteReplies, ByteRequest } from '../../app/transport/byte-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type {
  ControlSetup,
  ExpectedBytes,
  TransferOptions,
  UsbLink,
  UsbReply,
  UsbRequest,
} from '../../app/transport/usb-link.ts';

const matches = (expected: ExpectedBytes, bytes: Uint8Array): boolean =>
  expected.every(([at, value]) => bytes[at] === value);

/** A device behind a connection with a round trip of `roundTripMs`, as a Pi's agent is: a model of it in this process. */
export class FarUsbLink implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  /** How often something crossed the connection and came back. */
  roundTrips = 0;
  readonly #link: UsbLink;
  readonly #clock: Clock;
  readonly #wayMs: number;

  constructor(link: UsbLink, clock: Clock, roundTripMs: number) {
    this.#link = link;
    this.#clock = clock;
    this.#wayMs = roundTripMs / 2;
    this.label = link.label;
    this.portPath = link.portPath;
    this.deviceDescriptor = link.deviceDescriptor;
    this.configurationDescriptor = link.configurationDescriptor;
  }

  controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#there(() => this.#link.controlIn(setup, length, options));
  }

  controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    return this.#there(() => this.#link.controlOut(setup, data, options));
  }

  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#there(() => this.#link.bulkIn(endpoint, length, options));
  }

  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    return this.#there(() => this.#link.bulkOut(endpoint, data, options));
  }

  claimInterface(interfaceNumber: number): Promise<void> {
    return this.#there(() => this.#link.claimInterface(interfaceNumber));
  }

  setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    return this.#there(() => this.#link.setAltSetting(interfaceNumber, alternateSetting));
  }

  exchange(list: readonly UsbRequest[]): Promise<readonly UsbReply[]> {
    return this.#there(async () => {
      const replies: UsbReply[] = [];
      for (const request of list) {
        const untilMs = this.#clock.nowMs() + (request.again?.limitMs ?? 0);
        for (;;) {
          const reply = await this.#one(request);
          replies.push(reply);
          const { again } = request;
          if (reply.error !== null) return replies;
          if (again === undefined || !matches(again.expect, reply.bytes)) break;
          if (this.#clock.nowMs() >= untilMs) return replies;
          const asked = reply.bytes.slice(again.waitAt, again.waitAt + again.waitBytes);
          const waitMs = asked.reduceRight((ms, byte) => ms * 256 + byte, 0);
          await this.#clock.sleep(waitMs === 0 ? 1 : waitMs);
        }
        const last = replies.at(-1)?.bytes;
        if (last === null || last === undefined) return replies;
        if (request.data === null && !matches(request.expect ?? [], last)) return replies;
        if (request.isWhole === true && last.length !== request.length) return replies;
      }
      return replies;
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #one({ setup, data, length, timeoutMs }: UsbRequest): Promise<UsbReply> {
    try {
      if (data === null)
        return { bytes: await this.#link.controlIn(setup, length, { timeoutMs }), error: null };
      await this.#link.controlOut(setup, data, { timeoutMs });
      return { bytes: new Uint8Array(0), error: null };
    } catch (error) {
      return { bytes: null, error: error as Error };
    }
  }

  async #there<T>(work: () => Promise<T>): Promise<T> {
    this.roundTrips += 1;
    await this.#clock.sleep(this.#wayMs);
    try {
      return await work();
    } finally {
      await this.#clock.sleep(this.#wayMs);
    }
  }
}

/** The same for a serial port: what it receives comes half a round trip later. */
export class FarByteLink implements ByteLink {
  readonly label: string;
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #wayMs: number;
  /** Of lists, one after the other. */
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(link: ByteLink, clock: Clock, roundTripMs: number) {
    this.#link = link;
    this.#clock = clock;
    this.#wayMs = roundTripMs / 2;
    this.label = link.label;
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const copy = bytes.slice();
    await this.#clock.sleep(this.#wayMs);
    await this.#link.write(copy, signal);
    await this.#clock.sleep(this.#wayMs);
  }

  async read(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    const bytes = await this.#link.read(options);
    await this.#clock.sleep(this.#wayMs);
    return bytes;
  }

  async exchange(
    list: readonly ByteRequest[],
    options: { readonly window: number; readonly refill: number },
  ): Promise<ByteReplies> {
    const arrived = this.#clock.sleep(this.#wayMs);
    const before = this.#last;
    const work = (async (): Promise<{ replies: ByteReplies; isAsSaid: boolean }> => {
      await arrived;
      if (!(await before))
        return { replies: { sent: 0, bytes: new Uint8Array(0), isSilent: false }, isAsSaid: false };
      return await this.#do(list, options);
    })();
    this.#last = work.then(
      ({ isAsSaid }) => isAsSaid,
      () => false,
    );
    const { replies, isAsSaid } = await work;
    // What is begun after the failure is known is a new beginning.
    if (!isAsSaid) {
      queueMicrotask(() => {
        this.#last = Promise.resolve(true);
      });
    }
    await this.#clock.sleep(this.#wayMs);
    return replies;
  }

  async #do(
    list: readonly ByteRequest[],
    { window, refill }: { readonly window: number; readonly refill: number },
  ): Promise<{ replies: ByteReplies; isAsSaid: boolean }> {
    let received = new Uint8Array(0);
    let [sent, done, start] = [0, 0, 0];
    const ended = (isSilent: boolean, isAsSaid: boolean) => ({
      replies: { sent, bytes: received, isSilent },
      isAsSaid,
    });
    while (done < list.length) {
      const until = Math.min(list.length, done + window);
      if (until > sent && (sent === done || until - sent >= refill)) {
        const frames = list.slice(sent, until).map(({ bytes }) => bytes);
        sent = until;
        await this.#link.write(new Uint8Array(Buffer.concat(frames)));
      }
      try {
        const bytes = await this.#link.read({ timeoutMs: list[done]?.timeoutMs ?? 0 });
        received = new Uint8Array(Buffer.concat([received, bytes]));
      } catch (error) {
        if (isCanopusError(error, 'link/timeout')) return ended(true, false);
        throw error;
      }
      for (; done < sent; done += 1) {
        const { replyBegins, replyLength } = list[done] ?? { replyBegins: new Uint8Array(0), replyLength: 0 };
        const begin = received.subarray(start, start + replyBegins.length);
        if (begin.some((byte, at) => byte !== replyBegins[at])) return ended(false, false);
        if (received.length - start < replyLength) break;
        start += replyLength;
      }
      if (done === sent && received.length > start) return ended(false, false);
    }
    return ended(false, true);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
