import { cancelled } from '../cancelled.ts';
import { sha256Hex } from '../sha256.ts';
import { CanopusError, toCanopusError, type BoardState } from '../errors.ts';
import type { ConnectInfo } from '../protocols/katapult/answer.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';
import { planWrite, type WritePlan } from './katapult-blocks.ts';
import { checkTarget, type KatapultTarget } from './katapult-check.ts';
import { explainRefusedWrite } from './katapult-damage.ts';
import { connectKatapult } from './katapult-connect.ts';
import { byteLine, type KatapultLine } from './katapult-line.ts';
import { ask, runPipeline, type PipelineOptions } from './katapult-pipeline.ts';
import { KatapultSession } from './katapult-session.ts';
import { startApplication } from './katapult-start.ts';
import { endOfFileStep, fetchStep, readStep, writeStep } from './katapult-steps.ts';
import { readWindow, writeWindow } from './katapult-window.ts';
import type { FlashEvent, FlashRun } from './flash-event.ts';

export interface KatapultFlashOptions extends KatapultTarget {
  readonly clock: Clock;
  /** Ends the run: requests in flight are finished, nothing more is sent. */
  readonly signal?: AbortSignal | undefined;
  /** False leaves the board in Katapult instead of starting the application. */
  readonly complete?: boolean;
  /** The way to this Katapult; default: USB. */
  readonly line?: KatapultLine;
}

/**
 * Writes an application through Katapult, reads every block back, and starts it only when all of them are right.
 *
 * The order of the blocks keeps an interrupted board in Katapult as long as possible (docs/KATAPULT_WRITE_ORDER.md). A
 * run that fails or is cancelled after the application's first sector was begun erases that sector again if the board
 * still replies, so that the board does not start half an application.
 *
 * Throws, each with the board's state: what `connectKatapult` and `checkTarget` throw (nothing is changed then),
 * `katapult/no-answer`, `katapult/wedged`, `katapult/bad-answer`, `katapult/command-failed`, `katapult/stuck-busy`,
 * `katapult/frames-damaged`, `katapult/verify-mismatch`, `katapult/flash-damaged`, `cancelled`, and what the link
 * throws. A link that disappears after the start of the application is not an error.
 */
export async function* flashWithKatapult(
  link: ByteLink,
  image: Uint8Array,
  options: KatapultFlashOptions,
): FlashRun {
  const run = new KatapultRun(new KatapultSession(link, options.clock), image, options);
  try {
    return yield* run.flash();
  } catch (error) {
    throw run.explained(error);
  }
}

class KatapultRun {
  #state: BoardState = 'untouched';
  /** True while the application's first word may be one that makes Katapult start it. */
  #isStartable = false;
  #plan: WritePlan | null = null;
  readonly #session: KatapultSession;
  readonly #image: Uint8Array;
  readonly #options: KatapultFlashOptions;

  constructor(session: KatapultSession, image: Uint8Array, options: KatapultFlashOptions) {
    this.#session = session;
    this.#image = image;
    this.#options = options;
  }

  async *flash(): FlashRun {
    const { signal } = this.#options;
    const sha256 = await sha256Hex(this.#image);
    yield { type: 'phase', phase: 'connect', safeToStop: true };
    const info = await connectKatapult(this.#session, this.#options);
    yield { type: 'phase', phase: 'check', safeToStop: true };
    yield { type: 'target', mcu: info.mcu, bootloader: bootloaderName(info) };
    checkTarget(info, this.#image.length, this.#options);
    const plan = planWrite(this.#image, info.applicationAddress, info.blockSize, info.mcu);
    this.#plan = plan;
    let pages = 0;
    if (this.#line.comparesFirst && (yield* this.#compare(plan, info)))
      return yield* this.#leave(0, 0, sha256);
    try {
      yield* this.#write(plan, info);
      await ask(
        this.#session,
        endOfFileStep((count) => (pages = count)),
        this.#pipeline(1, signal),
      );
      yield* this.#verify(plan, info);
      this.#state = 'katapult-verified';
    } catch (error) {
      throw await explainRefusedWrite(this.#session, error, plan.blocks, info.mcu);
    } finally {
      if (this.#state !== 'katapult-verified') await this.#keepInKatapult();
    }
    return yield* this.#leave(this.#image.length, plan.sectorCount ?? pages, sha256);
  }

  async *#leave(bytesWritten: number, sectorsErased: number, sha256: string): FlashRun {
    const { signal, complete = true } = this.#options;
    yield { type: 'phase', phase: 'leave', safeToStop: true };
    if (complete) await startApplication(this.#session, signal);
    return { bytesWritten, bytesVerified: this.#image.length, sectorsErased, sha256, uid: null };
  }

  /** Whether flash already holds the image. Begins with blocks that differ between two builds. */
  async *#compare(
    { ascending }: WritePlan,
    { blockSize }: ConnectInfo,
  ): AsyncGenerator<FlashEvent, boolean, void> {
    const seen = { isSame: true };
    const steps = [...ascending.slice(-1), ...ascending.slice(0, -1)].map(({ address, data }) =>
      fetchStep(address, blockSize, (found) => (seen.isSame &&= equal(found, data))),
    );
    const how = this.#pipeline(1, this.#options.signal);
    for (const step of steps.splice(0, 2)) {
      await ask(this.#session, step, how);
      if (!seen.isSame) return false;
    }
    for await (const done of runPipeline(this.#session, steps, how)) {
      if (!seen.isSame) return false;
      yield this.#progress('check', (done + 2) * blockSize);
    }
    if (!seen.isSame) return false;
    this.#state = 'katapult-verified';
    yield { type: 'note', text: 'Flash already holds this image: nothing was erased.' };
    return true;
  }

  /** An error of this run with the state that it left behind. */
  explained(error: unknown): CanopusError {
    const { signal } = this.#options;
    const coded =
      signal?.aborted === true && !(error instanceof CanopusError)
        ? cancelled({ cause: error })
        : toCanopusError(error);
    if (this.#state !== 'katapult-partial') return coded.withState(this.#state);
    const details = { ...coded.details, returnsToKatapult: !this.#isStartable };
    return new CanopusError(coded.code, coded.message, details, { cause: coded.cause, state: this.#state });
  }

  async *#write(plan: WritePlan, info: ConnectInfo): AsyncGenerator<FlashEvent, void, void> {
    const { signal } = this.#options;
    const { blocks, eraser, blocksBeforeFirstSector } = plan;
    yield { type: 'phase', phase: 'write', safeToStop: false };
    if (signal?.aborted === true)
      throw new CanopusError('cancelled', 'Cancelled before anything was written.');
    this.#state = 'katapult-partial';
    this.#isStartable = true;
    if (eraser !== null && blocksBeforeFirstSector > 0) {
      await ask(this.#session, writeStep(eraser, this.#line), this.#pipeline(1, signal));
      this.#isStartable = false;
      yield { type: 'phase', phase: 'write', safeToStop: true };
      yield* this.#writeBlocks(plan, 0, blocksBeforeFirstSector, info);
      yield { type: 'phase', phase: 'write', safeToStop: false };
    }
    this.#isStartable = true;
    yield* this.#writeBlocks(plan, blocksBeforeFirstSector, blocks.length, info);
  }

  async *#writeBlocks(
    plan: WritePlan,
    from: number,
    to: number,
    { blockSize }: ConnectInfo,
  ): AsyncGenerator<FlashEvent, void, void> {
    const steps = plan.blocks.slice(from, to).map((block) => writeStep(block, this.#line));
    const counted = runPipeline(this.#session, steps, {
      ...this.#pipeline(writeWindow(blockSize), this.#options.signal),
      // A block that is refused twice may be on flash that is not blank: start its sector again.
      restartAt: (index, failure, attempt) =>
        plan.repeatsSectors || (failure.type === 'commandError' && attempt > 1)
          ? Math.max(0, plan.sectorStart(from + index) - from)
          : index,
    });
    for await (const done of counted) yield this.#progress('write', (from + done) * blockSize);
  }

  async *#verify(plan: WritePlan, { blockSize, mcu }: ConnectInfo): AsyncGenerator<FlashEvent, void, void> {
    yield { type: 'phase', phase: 'verify', safeToStop: true };
    const steps = plan.ascending.map((block) => readStep(block));
    const window = readWindow(blockSize, mcu);
    const reading = runPipeline(this.#session, steps, this.#pipeline(window, this.#options.signal));
    for await (const done of reading) {
      yield this.#progress('verify', done * blockSize);
    }
  }

  /**
   * Erases the application's first sector if the next reset could start half an application. One try; the failure that
   * led here is the one reported.
   */
  async #keepInKatapult(): Promise<void> {
    const eraser = this.#plan?.eraser ?? null;
    const { nacked, isWriting, isSilent } = this.#session;
    if (!this.#isStartable || eraser === null || nacked || isWriting || isSilent) return;
    const step = writeStep(eraser, this.#line);
    // Blocks that Katapult collects first are written at EOF.
    const end = this.#plan?.repeatsSectors === true ? [endOfFileStep(() => undefined).encode()] : [];
    try {
      await this.#session.send([step.encode(), ...end]);
      for (let replies = 0; replies < 4 && this.#isStartable; replies++) {
        const reply = await this.#session.reply(step.timeoutMs);
        if (reply.type === 'silence') return;
        if (reply.type === 'ack' && step.check(reply) === null) this.#isStartable = false;
      }
    } catch {
      // The board is gone: the double tap remains.
    }
  }

  get #line(): KatapultLine {
    return this.#options.line ?? byteLine;
  }

  #pipeline(window: number, signal?: AbortSignal): PipelineOptions {
    return { window: this.#line.window ?? window, losesFrames: this.#line.losesFrames, signal };
  }

  #progress(phase: 'check' | 'write' | 'verify', bytes: number): FlashEvent {
    const bytesTotal = this.#image.length;
    return { type: 'progress', phase, bytesDone: Math.min(bytes, bytesTotal), bytesTotal };
  }
}

function bootloaderName({ protocolVersion, softwareVersion }: ConnectInfo): string {
  return softwareVersion === null ? `Katapult (protocol ${protocolVersion})` : `Katapult ${softwareVersion}`;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
