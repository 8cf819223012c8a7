import { CanopusError, isCanopusError } from '../errors.ts';
import { dataIds } from '../protocols/klipper-can/admin-frame.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { CanFrame, CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';

const frameBytes = 8;

/**
 * The byte stream of one node on a CAN bus: cut into frames of 8 bytes, without regard to what the bytes mean. Frames of
 * other nodes are passed to `onOther`. The caller owns and closes the CanLink.
 */
export class CanByteLink implements ByteLink {
  readonly label: string;
  readonly #can: CanLink;
  readonly #clock: Clock;
  readonly #ids: { readonly toNode: number; readonly fromNode: number };
  readonly #onOther: (frame: CanFrame) => void;
  #isClosed = false;

  constructor(
    can: CanLink,
    {
      nodeId,
      name,
      clock,
      onOther,
    }: { nodeId: number; name: string; clock: Clock; onOther?: (frame: CanFrame) => void },
  ) {
    this.label = `${name} on ${can.label}`;
    this.#can = can;
    this.#clock = clock;
    this.#ids = dataIds(nodeId);
    this.#onOther = onOther ?? (() => undefined);
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    this.#requireOpen();
    const sent: Promise<void>[] = [];
    for (let at = 0; at < bytes.length; at += frameBytes) {
      const data = bytes.slice(at, at + frameBytes);
      sent.push(this.#can.send({ id: this.#ids.toNode, extended: false, data }, signal));
    }
    await Promise.all(sent);
  }

  async read({
    timeoutMs,
    signal,
  }: {
    timeoutMs: number;
    signal?: AbortSignal | undefined;
  }): Promise<Uint8Array> {
    const untilMs = this.#clock.nowMs() + timeoutMs;
    for (;;) {
      this.#requireOpen();
      const leftMs = Math.max(1, untilMs - this.#clock.nowMs());
      const frame = await this.#can.receive({ timeoutMs: leftMs, signal });
      if (!frame.extended && frame.id === this.#ids.fromNode && frame.data.length > 0) return frame.data;
      this.#onOther(frame);
    }
  }

  /** Drops what has arrived and was not read, until nothing comes for `quietMs`. */
  async drain(quietMs: number): Promise<void> {
    for (;;) {
      try {
        await this.read({ timeoutMs: quietMs });
      } catch (error) {
        if (isCanopusError(error, 'link/timeout')) return;
        throw error;
      }
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new CanopusError('link/closed', `${this.label} was closed.`);
  }
}
