import { CanopusError, isCanopusError, toCanopusError } from '../../errors.ts';
import type { CanFrame, CanLink } from '../../transport/can-link.ts';
import type { Clock } from '../../transport/clock.ts';
import type { UsbLink } from '../../transport/usb-link.ts';
import type { GsUsbInterface } from './gs-usb-interface.ts';
import { encodeHostFrame, parseHostFrame } from './host-frame.ts';

/** How often a quiet read restarts; the platform may be unable to cancel it on close. */
const pollTimeoutMs = 500;
const sendTimeoutMs = 1000;

/** Frames kept for an absent reader; beyond that the oldest are dropped. */
const maxQueued = 1024;

/** The limit of Linux's driver (`GS_MAX_TX_URBS`). */
const echoIds = 10;

/**
 * A started gs_usb channel. It reads all the time, even without a receiver: a bridge handles a frame only after it
 * could return its echo (Klipper, src/generic/usb_canbus.c, `drain_host_queue`).
 */
export class GsUsbCanLink implements CanLink {
  readonly label: string;
  readonly #link: UsbLink;
  readonly #interface: GsUsbInterface;
  readonly #clock: Clock;
  readonly #stop: () => Promise<void>;
  readonly #received: CanFrame[] = [];
  readonly #closing = new AbortController();
  readonly #pump: Promise<void>;
  #failure: CanopusError | null = null;
  #wake: (() => void)[] = [];
  #nextEchoId = 0;

  constructor(link: UsbLink, gsUsb: GsUsbInterface, clock: Clock, stop: () => Promise<void>) {
    this.label = `CAN on ${link.label}`;
    this.#link = link;
    this.#interface = gsUsb;
    this.#clock = clock;
    this.#stop = stop;
    this.#pump = this.#readAll();
  }

  async send(frame: CanFrame, signal?: AbortSignal): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const bytes = encodeHostFrame(frame, this.#nextEchoId);
    this.#nextEchoId = (this.#nextEchoId + 1) % echoIds;
    await this.#link.bulkOut(this.#interface.bulkOut, bytes, { timeoutMs: sendTimeoutMs, signal });
  }

  async receive({ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): Promise<CanFrame> {
    signal?.throwIfAborted();
    const waiting = new AbortController();
    const abort = (): void => waiting.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const wait = { over: false };
    const timer = this.#clock.sleep(timeoutMs, waiting.signal).then(
      () => (wait.over = true),
      () => false,
    );
    try {
      for (;;) {
        const frame = this.#received.shift();
        if (frame !== undefined) return frame;
        if (this.#failure !== null) throw this.#failure;
        signal?.throwIfAborted();
        if (wait.over)
          throw new CanopusError('link/timeout', `No CAN frame arrived within ${timeoutMs} ms.`, {
            timeoutMs,
          });
        await Promise.race([timer, new Promise<void>((resolve) => this.#wake.push(resolve))]);
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      waiting.abort();
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const wasGone = this.#failure !== null;
    this.#fail(new CanopusError('link/closed', `${this.label} was closed.`));
    await this.#pump;
    if (!wasGone) await this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #readAll(): Promise<void> {
    const { bulkIn, maxPacketBytes } = this.#interface;
    const { signal } = this.#closing;
    for (;;) {
      try {
        this.#take(await this.#link.bulkIn(bulkIn, maxPacketBytes, { timeoutMs: pollTimeoutMs, signal }));
      } catch (error) {
        if (signal.aborted) return;
        if (isCanopusError(error, 'link/timeout')) continue;
        this.#fail(toCanopusError(error));
        return;
      }
    }
  }

  #take(packet: Uint8Array): void {
    const host = parseHostFrame(packet);
    if (host?.echoId !== null || host.special || host.channel !== 0) return;
    this.#received.push(host.frame);
    if (this.#received.length > maxQueued) this.#received.shift();
    this.#wakeAll();
  }

  #fail(error: CanopusError): void {
    this.#failure = error;
    this.#wakeAll();
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }
}
