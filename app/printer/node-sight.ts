import { encodeIdentify, parseIdentifyResponse } from '../protocols/klipper/command.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';
import { AskedNode } from './asked-node.ts';
import type { ExaminedNode, NamedNode } from './examination.ts';
import { ExchangeTally } from './exchange-tally.ts';
import {
  errorsBetween,
  parseStatus,
  readFirmware,
  type ControllerCounters,
  type NodeFirmware,
} from './node-firmware.ts';

/** As many as Klipper's host asks for at once (klippy/serialhdl.py). */
const pieceBytes = 40;
/** Real dictionaries have some KiB. */
const mostBytes = 64 * 1024;
/** So many requests in a row without a reply: nothing is there, or nothing of it comes through. */
const mostLost = 3;
const mostRequestsPerSecond = 2000;

/** One node of an examination: it is asked for pieces of its data dictionary, which every Klipper has. */
export class NodeSight {
  readonly named: NamedNode;
  readonly role: ExaminedNode['role'];
  readonly nodeId: number;
  readonly asked: AskedNode;
  idle = new ExchangeTally();
  readonly ramp: ExaminedNode['ramp'][number][] = [];
  moved: ExchangeTally | null = null;
  /** Why it is asked nothing; null: it is asked. */
  leftAlone: 'katapult' | 'duplicate' | null = null;
  reset: ExaminedNode['reset'] = 'no';
  readonly #clock: Clock;
  readonly #replyMs: number;
  #firmware: NodeFirmware | null = null;
  #before: ControllerCounters | null = null;
  #after: ControllerCounters | null = null;
  #replies = false;
  /** The next piece to ask for; never the one of the request before, whose reply may come late. */
  #offset = 0;

  constructor(
    can: CanLink,
    named: NamedNode,
    {
      nodeId,
      isBridge,
      clock,
      replyMs,
    }: { nodeId: number; isBridge: boolean; clock: Clock; replyMs: number },
  ) {
    this.named = named;
    this.nodeId = nodeId;
    this.role = isBridge ? 'bridge' : 'node';
    this.asked = new AskedNode(can, { nodeId, clock });
    this.#clock = clock;
    this.#replyMs = replyMs;
  }

  /** False for a node that replied to nothing yet. */
  get replies(): boolean {
    return this.#replies;
  }

  get resetCommand(): Uint8Array | null {
    return this.#firmware?.reset ?? null;
  }

  /** Reads all of its dictionary, one request after another. */
  async readAlone(signal: AbortSignal): Promise<void> {
    // What a host that was stopped left half sent, or did not hear, costs the first request.
    const first = new ExchangeTally();
    for (let asked = 0; asked < mostLost && !this.#replies; asked++)
      await this.#ask(pieceBytes, first, signal);
    if (!this.#replies) {
      this.idle = first;
      return;
    }
    const packed: number[] = [];
    for (let lost = 0; lost < mostLost && packed.length < mostBytes;) {
      const data = await this.#ask(packed.length, this.idle, signal);
      lost = data === null ? lost + 1 : 0;
      if (data?.length === 0) break;
      packed.push(...(data ?? []));
    }
    this.#firmware = readFirmware(Uint8Array.from(packed));
    this.#before = await this.#status(signal);
  }

  /** Asks at a rate for so long; null: as fast as it replies. */
  async askFor(
    tally: ExchangeTally,
    { ratePerSecond, forMs, signal }: { ratePerSecond: number | null; forMs: number; signal: AbortSignal },
  ): Promise<void> {
    const begunMs = this.#clock.nowMs();
    const most = ((ratePerSecond ?? mostRequestsPerSecond) * forMs) / 1000;
    for (let count = 0; count < most; count++) {
      const dueMs = begunMs + (ratePerSecond === null ? 0 : (count * 1000) / ratePerSecond);
      const nowMs = this.#clock.nowMs();
      if (nowMs - begunMs >= forMs) return;
      if (dueMs > nowMs) await this.#clock.sleep(dueMs - nowMs, signal);
      await this.#ask(this.#offset, tally, signal);
      this.#offset = (this.#offset + pieceBytes) % (16 * pieceBytes);
    }
  }

  /** The last look at its counters. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    this.#after = await this.#status(signal);
  }

  get report(): ExaminedNode {
    const { named, role, ramp, moved, reset } = this;
    return {
      ...{ ...named, role, reset, ramp: [...ramp], moved: moved?.counts ?? null },
      state: this.leftAlone ?? (this.#replies ? 'replies' : 'silent'),
      version: this.#firmware?.version ?? null,
      idle: this.idle.counts,
      errors: this.#before === null || this.#after === null ? null : errorsBetween(this.#before, this.#after),
    };
  }

  async #ask(offset: number, tally: ExchangeTally, signal: AbortSignal): Promise<Uint8Array | null> {
    const reply = await this.asked.ask(
      encodeIdentify(offset, pieceBytes),
      (content) => {
        const piece = parseIdentifyResponse(content);
        return piece?.offset === offset ? piece.data : null;
      },
      { timeoutMs: this.#replyMs, signal },
    );
    tally.add(reply?.latencyMs ?? null);
    this.#replies ||= reply !== null;
    return reply?.value ?? null;
  }

  async #status(signal: AbortSignal): Promise<ControllerCounters | null> {
    const status = this.#firmware?.status ?? null;
    if (status === null) return null;
    const { command, responseId } = status;
    // Counters are worth a second request; it is not one of those that are counted.
    for (let asked = 0; asked < 2; asked++) {
      const options = { timeoutMs: this.#replyMs, signal };
      const reply = await this.asked.ask(command, (content) => parseStatus(content, responseId), options);
      if (reply !== null) return reply.value;
    }
    return null;
  }
}
