import { throwIfCancelled } from '../cancelled.ts';
import type { CanopusError } from '../errors.ts';
import { commandCode, encodeCommand } from '../protocols/katapult/command.ts';
import { failureOf, isDoubtful, katapultError, lostNode, type KatapultFailure } from './katapult-failure.ts';
import type { ByteReplies, ByteRequest } from '../transport/byte-link.ts';
import type { KatapultSession, Reply } from './katapult-session.ts';

export type Acknowledgement = Extract<Reply, { type: 'ack' }>;

/** One request and how to recognise its reply. */
export interface PipelineStep {
  /** For messages: `writing the block at 0x08008000`. */
  readonly request: string;
  /** Of the block that it is about; null for a command without a block. */
  readonly address: number | null;
  /** The time-out from the device's last reply to this one. */
  readonly timeoutMs: number;
  encode(): Uint8Array;
  /** How the right reply begins, and its length, where both are known: such steps can be done as a list far away. */
  readonly reply?: { readonly begins: Uint8Array; readonly length: number };
  /** Null if this is the right reply. */
  check(answer: Acknowledgement): KatapultFailure | null;
}

export interface PipelineOptions {
  /** Requests that may be in flight at once. */
  readonly window: number;
  /** See `KatapultLine`. */
  readonly losesFrames?: boolean;
  /** Where to continue after the `attempt`th failure in a row at `index`; default: there. Never above `index`. */
  readonly restartAt?: (index: number, failure: KatapultFailure, attempt: number) => number;
  readonly signal?: AbortSignal | undefined;
}

/** At least this many requests are sent together while others are in flight; katapult-window.ts relies on it. */
const refill = 2;

/** Steps in a list: 30 ms of work and more. While one is done the next is on its way. */
const stepsInList = 128;
const listsInFlight = 2;

const maxTries = 3;
/** After this many failures in a whole run the line counts as unusable. */
const maxRecoveries = 50;
const maxBusy = 10;
const busyWaitMs = 1500;
/** Replies come within a millisecond of each other; after this long without one, none is left. */
const quietMs = 250;

/** For the reply to a CONNECT that shows whether Katapult still listens. */
const probeMs = 1000;

/** Stray replies that may come in between. */
const maxStray = 32;

/** Replies are reported to the caller in groups, so that following a run costs next to nothing. */
const stepsPerReport = 16;

/**
 * Runs `steps` in order with several of them in flight, and yields how many are complete: now and then, and at the end.
 * On the first failure it drains the outstanding replies and continues with one request at a time, from the failed step
 * and in order (never only that step: a block that begins a sector erases what follows it when it is sent again).
 * Stopped by the signal or by its consumer it sends nothing more, and drains the outstanding replies, so that no half
 * conversation is left behind.
 *
 * Throws `cancelled`, the error of a step that failed `maxTries` times, and what the link throws.
 */
export async function* runPipeline(
  session: KatapultSession,
  steps: readonly PipelineStep[],
  options: PipelineOptions,
): AsyncGenerator<number, void, void> {
  const pipeline = new Pipeline(session, steps, options);
  let reported = 0;
  try {
    while (!pipeline.isDone) {
      await pipeline.advance();
      if (pipeline.done - reported < stepsPerReport) continue;
      reported = pipeline.done;
      yield reported;
    }
    if (reported < steps.length) yield steps.length;
  } finally {
    await pipeline.settle();
  }
}

/** `runPipeline` for one request. */
export async function ask(
  session: KatapultSession,
  step: PipelineStep,
  options: PipelineOptions = { window: 1 },
): Promise<void> {
  const run = runPipeline(session, [step], options);
  while ((await run.next()).done !== true);
}

class Pipeline {
  /** Steps completed, and steps sent: the difference is in flight. */
  done = 0;
  #sent = 0;
  #window: number;
  #failedAt = -1;
  #attempts = 0;
  #busies = 0;
  #recoveries = 0;
  /** Lists that were begun, and the step behind them. */
  readonly #lists: Promise<ByteReplies>[] = [];
  #listed = 0;
  readonly #session: KatapultSession;
  readonly #steps: readonly PipelineStep[];
  readonly #options: PipelineOptions;

  constructor(session: KatapultSession, steps: readonly PipelineStep[], options: PipelineOptions) {
    this.#session = session;
    this.#steps = steps;
    this.#options = options;
    this.#window = options.window;
  }

  get isDone(): boolean {
    return this.done === this.#steps.length;
  }

  /** Sends what may be sent and reads one reply. */
  async advance(): Promise<void> {
    throwIfCancelled(this.#options.signal);
    const step = this.#steps[this.done];
    if (step === undefined) return;
    await this.#fill();
    const reply = await this.#session.reply(step.timeoutMs);
    const failure = reply.type === 'ack' ? step.check(reply) : failureOf(reply);
    if (failure !== null) return this.#recover(step, failure);
    this.done += 1;
    if (this.done > this.#failedAt) {
      this.#attempts = 0;
      this.#busies = 0;
    }
  }

  /** Drains the outstanding replies. Its own failures no longer matter: the run is over. */
  async settle(): Promise<void> {
    try {
      await this.#dropLists();
      await this.#takeIn(this.#sent - this.done, this.#steps[this.#sent - 1]?.timeoutMs ?? 0);
    } catch {
      // The link is gone, or closed: nothing more will arrive.
    }
  }

  async #fill(): Promise<void> {
    const onTheirWay = this.#sent - this.done;
    if (onTheirWay === 0 && (await this.#sendList())) return;
    const until = Math.min(this.#steps.length, this.done + this.#window);
    const room = until - this.#sent;
    if (room <= 0) return;
    if (onTheirWay > 0) {
      // Two or more at a time cost half the writes, and the device still has enough to do meanwhile. Replies that have
      // already arrived make room first; bytes that the driver has not taken yet would only pile up.
      if (room < refill || this.#session.hasReply || this.#session.isWriting) return;
    }
    const frames = this.#steps.slice(this.#sent, until).map((step) => step.encode());
    await this.#session.send(frames);
    this.#sent = until;
  }

  /** Sends the next steps as lists if the link is far away and nothing went wrong yet; true if it did. */
  async #sendList(): Promise<boolean> {
    if (!this.#session.canExchange || this.#failedAt >= 0) return false;
    while (this.#lists.length < listsInFlight) {
      const list = this.#nextList();
      if (list.length === 0) break;
      this.#listed += list.length;
      this.#lists.push(this.#session.begin(list, { window: this.#window, refill }));
    }
    const first = this.#lists.shift();
    if (first === undefined) return false;
    this.#sent += await this.#session.take(first);
    return true;
  }

  #nextList(): readonly ByteRequest[] {
    this.#listed = Math.max(this.#listed, this.done);
    const list: ByteRequest[] = [];
    for (const step of this.#steps.slice(this.#listed, this.#listed + stepsInList)) {
      const { reply, timeoutMs } = step;
      if (reply === undefined) break;
      list.push({ bytes: step.encode(), replyBegins: reply.begins, replyLength: reply.length, timeoutMs });
    }
    return list;
  }

  /** Waits for the lists behind one that did not end as said: they were not begun. */
  async #dropLists(): Promise<void> {
    for (const list of this.#lists.splice(0)) this.#sent += await this.#session.take(list).catch(() => 0);
  }

  async #recover(step: PipelineStep, failure: KatapultFailure): Promise<void> {
    const index = this.done;
    await this.#dropLists();
    if (failure.type !== 'silence') await this.#takeInBehind(failure);
    this.#sent = index;
    this.#window = 1;
    this.#failedAt = Math.max(this.#failedAt, index);
    this.#recoveries += 1;
    if (failure.type === 'busy') {
      this.#busies += 1;
      if (this.#busies >= maxBusy) throw this.#giveUp(step, failure, this.#busies);
      await this.#session.clock.sleep(busyWaitMs, this.#options.signal);
      return;
    }
    this.#attempts += 1;
    if (this.#options.losesFrames === true && isDoubtful(failure)) await this.#requireListening(step);
    const isHopeless = failure.type === 'silence' && (this.#session.nacked || this.#session.isWriting);
    if (isHopeless || this.#attempts >= maxTries || this.#recoveries >= maxRecoveries) {
      throw this.#giveUp(step, failure, this.#attempts);
    }
    const restart = this.#options.restartAt?.(index, failure, this.#attempts) ?? index;
    this.done = this.#sent = Math.min(index, restart);
  }

  /**
   * One CONNECT, which is a single frame: a Katapult with half a request in its buffer replies with one NACK at most.
   * Throws `katapult/wedged` or `can/node-lost`.
   */
  async #requireListening(step: PipelineStep): Promise<void> {
    const wasNacked = this.#session.nacked;
    await this.#session.send([encodeCommand(commandCode.connect)]);
    const untilMs = this.#session.clock.nowMs() + probeMs;
    for (let leftMs = probeMs; leftMs > 0; leftMs = untilMs - this.#session.clock.nowMs()) {
      const reply = await this.#session.reply(leftMs);
      if (reply.type === 'ack' && reply.command === commandCode.connect) return;
      if (reply.type === 'silence') break;
    }
    throw lostNode(this.#session, step.request, wasNacked);
  }

  #giveUp(step: PipelineStep, failure: KatapultFailure, tries: number): CanopusError {
    const { nacked, isWriting } = this.#session;
    return katapultError(failure, step.request, tries, nacked || isWriting, step.address);
  }

  /** Drains the replies that follow a failure. */
  async #takeInBehind(failure: KatapultFailure): Promise<void> {
    const onTheirWay = this.#sent - this.done;
    // It is unknown which requests these replies belong to: the expected one may still come.
    const isUnclear = failure.type === 'damaged' || failure.type === 'wrongAnswer';
    const isAlone = onTheirWay === 1;
    const lastTimeoutMs = this.#steps[this.#sent - 1]?.timeoutMs ?? 0;
    await this.#takeIn(isUnclear ? onTheirWay : onTheirWay - 1, isAlone ? quietMs : lastTimeoutMs);
  }

  /**
   * Drains up to `due` replies, or until the last request has its reply, or until none comes for `timeoutMs`. Counts
   * only replies that certainly belong to their own request; `maxStray` limits the others.
   */
  async #takeIn(due: number, timeoutMs: number): Promise<void> {
    const last = this.#steps[this.#sent - 1];
    if (last === undefined || due <= 0) return;
    const waitMs = this.#session.nacked ? quietMs : timeoutMs;
    let left = due;
    for (let stray = 0; left > 0 && stray < maxStray;) {
      const reply = await this.#session.reply(waitMs);
      if (reply.type === 'silence') return;
      if (reply.type === 'ack' && last.check(reply)?.type !== 'wrongAnswer') return;
      if (reply.type === 'ack' || reply.type === 'damaged') stray += 1;
      else left -= 1;
    }
  }
}
