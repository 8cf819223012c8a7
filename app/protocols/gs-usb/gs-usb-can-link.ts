import { CanopusError, isCanopusError, toCanopusError } from '../../errors.ts';
import type { CanFrame, CanHealth, CanLink } from '../../transport/can-link.ts';
import type { Clock } from '../../transport/clock.ts';
import type { UsbLink } from '../../transport/usb-link.ts';
import type { GsUsbInterface } from './gs-usb-interface.ts';
import { reportedHealth } from './error-report.ts';
import { encodeHostFrame, parseHostFrame } from './host-frame.ts';

/** How often a quiet read restarts; the platform may be unable to cancel it on close. */
const pollTimeoutMs = 500;
const sendTimeoutMs = 1000;

/**
 * With one at a time, every reply frame waits until the host has asked for it anew: a block of Katapult was read seven
 * times slower than through the kernel's driver, which keeps 30.
 */
const postedReads = 16;

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
  /** One for each posted read: more listeners on one signal than usual look like a leak to Node. */
  readonly #reads: readonly AbortController[];
  #isClosed = false;
  readonly #pump: Promise<unknown>;
  #failure: CanopusError | null = null;
  #health: CanHealth | null = null;
  #wake: (() => void)[] = [];
  #nextEchoId = 0;

  constructor(link: UsbLink, gsUsb: GsUsbInterface, clock: Clock, stop: () => Promise<void>) {
    this.label = `CAN on ${link.label}`;
    this.#link = link;
    this.#interface = gsUsb;
    this.#clock = clock;
    this.#stop = stop;
    this.#reads = Array.from({ length: postedReads }, () => new AbortController());
    this.#pump = Promise.all(this.#reads.map(({ signal }) => this.#readOn(signal)));
  }

  get health(): CanHealth | null {
    return this.#health;
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
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const read of this.#reads) read.abort();
    const wasGone = this.#failure !== null;
    this.#failure = new CanopusError('link/closed', `${this.label} was closed.`);
    this.#wakeAll();
    await this.#pump;
    if (!wasGone) await this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #readOn(signal: AbortSignal): Promise<void> {
    const { bulkIn, maxPacketBytes } = this.#interface;
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
    if (host?.echoId !== null || host.channel !== 0) return;
    this.#health = reportedHealth(packet) ?? this.#health;
    if (host.special) return;
    this.#received.push(host.frame);
    if (this.#received.length > maxQueued) this.#received.shift();
    this.#wakeAll();
  }

  #fail(error: CanopusError): void {
    this.#failure ??= error;
    this.#wakeAll();
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }
}
