import { BlockReader, encodeBlock, syncByte, type MessageBlock } from '../protocols/klipper/message-block.ts';
import { dataIds } from '../protocols/klipper-can/admin-frame.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';

export interface NodeReply<T> {
  readonly value: T;
  readonly latencyMs: number;
}

interface Waiting {
  readonly content: Uint8Array;
  readonly take: (content: Uint8Array) => boolean;
  readonly lose: () => void;
  resends: number;
}

const frameBytes = 8;
/** Of a request whose number the node did not expect, because earlier replies were lost. */
const mostResends = 3;

/**
 * A Klipper node with a node id, asked one thing at a time: its receive buffer of 192 bytes and its transmit buffer of at
 * least 96 hold one request and its reply (src/generic/canserial.c), so that what is lost was lost on the way.
 */
export class AskedNode {
  readonly fromNode: number;
  readonly #can: CanLink;
  readonly #clock: Clock;
  readonly #toNode: number;
  readonly #reader = new BlockReader();
  #sequence = 0;
  /** False while the number that the node expects is a guess. */
  #isSure = false;
  #waiting: Waiting | null = null;
  #sentMs = 0;

  constructor(can: CanLink, { nodeId, clock }: { nodeId: number; clock: Clock }) {
    this.#can = can;
    this.#clock = clock;
    const { toNode, fromNode } = dataIds(nodeId);
    this.#toNode = toNode;
    this.fromNode = fromNode;
  }

  /**
   * Sends a command and waits for content that `parse` takes; null if none came in time, or if the node acknowledged the
   * command and its reply is missing. `parse` must not take the reply to an earlier request: a cut wire delivers those
   * late. Throws as the CanLink does, and the signal's reason.
   */
  async ask<T>(
    content: Uint8Array,
    parse: (content: Uint8Array) => T | null,
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<NodeReply<T> | null> {
    signal.throwIfAborted();
    const over = new AbortController();
    const end = (): void => over.abort();
    const replies: NodeReply<T>[] = [];
    const take = (received: Uint8Array): boolean => {
      const value = parse(received);
      if (value === null) return false;
      replies.push({ value, latencyMs: this.#clock.nowMs() - this.#sentMs });
      end();
      return true;
    };
    const waiting: Waiting = { content, take, lose: end, resends: 0 };
    this.#waiting = waiting;
    signal.addEventListener('abort', end, { once: true });
    try {
      await this.#send(content, signal);
      // A reply, a loss and the caller's abort all end the wait.
      await this.#clock.sleep(timeoutMs, over.signal).catch(() => undefined);
    } finally {
      this.#waiting = null;
      signal.removeEventListener('abort', end);
    }
    signal.throwIfAborted();
    const [reply = null] = replies;
    if (reply === null) this.#reader.forget();
    // Copies of a request that was sent again may still be on their way, and count.
    this.#isSure = reply !== null && waiting.resends === 0;
    return reply;
  }

  /** Sends a command to which nothing is expected. */
  async order(content: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#send(content, signal);
  }

  /** Bytes of the stream from this node. */
  take(bytes: Uint8Array): void {
    for (const block of this.#reader.push(bytes)) this.#takeBlock(block);
  }

  /** Every block of the node has the number that it takes next. */
  #takeBlock({ sequence, content }: MessageBlock): void {
    const waiting = this.#waiting;
    const isOther = sequence !== this.#sequence;
    this.#sequence = sequence;
    if (content.length > 0) {
      if (waiting?.take(content) === true) this.#waiting = null;
    } else if (waiting !== null && isOther) {
      if (this.#isSure) waiting.lose();
      else if (waiting.resends++ < mostResends) this.#send(waiting.content).catch(() => waiting.lose());
    }
  }

  async #send(content: Uint8Array, signal?: AbortSignal): Promise<void> {
    const block = encodeBlock({ sequence: this.#sequence, content });
    // What the node has of a request that was cut short must not swallow this one.
    const bytes = this.#isSure ? block : Uint8Array.from([syncByte, ...block]);
    const sent: Promise<void>[] = [];
    this.#sentMs = this.#clock.nowMs();
    for (let at = 0; at < bytes.length; at += frameBytes) {
      const data = bytes.slice(at, at + frameBytes);
      sent.push(this.#can.send({ id: this.#toNode, extended: false, data }, signal));
    }
    await Promise.all(sent);
  }
}
