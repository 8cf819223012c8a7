import { CanopusError, isCanopusError, toCanopusError } from '../errors.ts';
import { parseAnswer, type Answer } from '../protocols/katapult/answer.ts';
import { FrameReader, type FrameEvent } from '../protocols/katapult/frame-reader.ts';
import type { ByteLink, ByteReplies, ByteRequest } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';

/** What came next: a reply, something that began like one, or nothing in time. */
export type Reply = Answer | { readonly type: 'damaged' } | { readonly type: 'silence' };

/** The longest reply carries a block of 512 bytes, its address and the command. */
const maxAnswerWords = 130;

const nothing: ByteReplies = { sent: 0, bytes: new Uint8Array(0), isSilent: false };

/** How long a write may take on a device that reads at all: the longest erase. */
const writeTimeoutMs = 10_000;

/**
 * Frames out, replies in, over one ByteLink. Writes are never interrupted: they carry no signal and each starts when
 * the last one has ended, because the firmware does not recover from a frame cut in two.
 */
export class KatapultSession {
  readonly label: string;
  readonly clock: Clock;
  /** True from a NACK until the next acknowledgement: the firmware may have stopped listening. */
  nacked = false;
  /** True after a wait without the expected reply. */
  isSilent = false;
  readonly #link: ByteLink;
  readonly #reader = new FrameReader(maxAnswerWords);
  #events: FrameEvent[] = [];
  #hasWaited = false;
  #writing: Promise<void> | null = null;
  #writeError: CanopusError | null = null;

  constructor(link: ByteLink, clock: Clock) {
    this.label = link.label;
    this.clock = clock;
    this.#link = link;
  }

  /** True while bytes are in flight that the device's driver has not taken yet. */
  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** True if `reply` need not wait. */
  get hasReply(): boolean {
    return this.#events.length > 0;
  }

  /**
   * Starts to write whole frames in one piece, once the last write has ended; see `written` for the end. Throws
   * `katapult/wedged` if the last write does not end: the device has stopped reading.
   */
  async send(frames: readonly Uint8Array[]): Promise<void> {
    await this.written();
    this.#writing = this.#link.write(joined(frames)).then(
      () => {
        this.#writing = null;
      },
      (error: unknown) => {
        this.#writing = null;
        this.#writeError = toCanopusError(error);
      },
    );
  }

  /** True if the link does lists of requests where the device is. */
  get canExchange(): boolean {
    return this.#link.exchange !== undefined;
  }

  /**
   * Begins to send a list of requests where the device is, after the lists begun before; one behind a list that did not end
   * as said is not begun. Their replies come out of `reply` once `take` has them.
   */
  begin(
    list: readonly ByteRequest[],
    options: { readonly window: number; readonly refill: number },
  ): Promise<ByteReplies> {
    const replies = this.#link.exchange?.(list, options) ?? Promise.resolve(nothing);
    // It is awaited later, or not at all if the list before it failed.
    replies.catch(() => undefined);
    return replies;
  }

  /** Waits for the end of a list; returns how many were sent. Throws as the link does. */
  async take(list: Promise<ByteReplies>): Promise<number> {
    const { sent, bytes, isSilent } = await list;
    this.#events.push(...this.#reader.push(bytes));
    if (isSilent) {
      this.#events.push(...this.#reader.flush());
      this.#hasWaited = true;
    }
    return sent;
  }

  /** Resolves when the device's driver has taken everything that was sent; throws as the write did. */
  async written(): Promise<void> {
    if (this.#writing !== null) {
      const waiting = new AbortController();
      const late = this.clock.sleep(writeTimeoutMs, waiting.signal).catch(() => undefined);
      await Promise.race([this.#writing, late]);
      waiting.abort();
      if (this.isWriting) {
        throw new CanopusError(
          'katapult/wedged',
          `Katapult on ${this.label} has accepted no more bytes for ${writeTimeoutMs / 1000} s.`,
          { device: this.label },
        );
      }
    }
    if (this.#writeError !== null) throw this.#writeError;
  }

  /** The next reply; throws as the link does, and as the last write did. */
  async reply(timeoutMs: number, signal?: AbortSignal): Promise<Reply> {
    const untilMs = this.clock.nowMs() + timeoutMs;
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return this.#told(event);
      if (this.#writeError !== null) throw this.#writeError;
      // For a reply that did not come to a list, the time-out is over.
      const leftMs = this.#hasWaited ? 0 : Math.ceil(untilMs - this.clock.nowMs());
      this.#hasWaited = false;
      if (leftMs <= 0 || !(await this.#readFor(leftMs, signal))) {
        this.#events.push(...this.#reader.flush());
        const rest = this.#events.shift();
        if (rest !== undefined) return this.#told(rest);
        this.isSilent = true;
        return { type: 'silence' };
      }
    }
  }

  /** False if nothing came in time. */
  async #readFor(timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      this.#events.push(...this.#reader.push(await this.#link.read({ timeoutMs, signal })));
      return true;
    } catch (error) {
      if (isCanopusError(error, 'link/timeout')) return false;
      throw error;
    }
  }

  #told(event: FrameEvent): Reply {
    this.isSilent = false;
    if (event.type === 'damaged') return { type: 'damaged' };
    const answer = parseAnswer(event.frame);
    if (answer.type === 'nack') this.nacked = true;
    if (answer.type === 'ack') this.nacked = false;
    return answer;
  }
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  if (frames.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(frames.reduce((length, frame) => length + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}
