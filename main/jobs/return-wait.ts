import { placeWords } from '../../app/place.ts';
import { boardMode } from '../../app/boards/board-mode.ts';
import { CanopusError } from '../../app/errors.ts';
import type { Bootloader } from '../../app/flash/bootloaders.ts';
import type { Ask } from '../../app/flash/run-step.ts';
import { askWords } from '../../app/words.ts';
import type { CrystalRescue } from './crystal-rescue.ts';
import type { PresentDevice } from './device-watch.ts';
import { waitForDoubleTap } from './double-tap.ts';
import type { JobServices } from './job-services.ts';
import type { PortWait } from './port-wait.ts';
import type { TimedOptions } from './run-options.ts';
import type { RunState } from './run-state.ts';

/** A bootloader that comes up again until a person takes the board out of it. */
type LeftByHand = Bootloader & { readonly leftBy: 'remove-jumper' };

interface ReturnWaitParts {
  readonly wait: PortWait;
  readonly state: RunState;
  readonly rescue: CrystalRescue;
  /** Has the board's crystal found instead; returns the board afterwards. */
  readonly search: () => Promise<PresentDevice>;
}

/** Waits for the board of a run to come back, automatically or with a person's help, and tells a person what to do. */
export class ReturnWait {
  readonly #services: JobServices;
  readonly #options: TimedOptions;
  readonly #parts: ReturnWaitParts;

  constructor(services: JobServices, options: TimedOptions, parts: ReturnWaitParts) {
    this.#services = services;
    this.#options = options;
    this.#parts = parts;
  }

  ask(ask: Ask): void {
    this.#options.onEvent({ type: 'ask', ask, text: askWords[ask].text });
  }

  /** For a board that should come back automatically: after a while says what to try, in the end gives up. */
  async afterReset(present: PresentDevice): Promise<PresentDevice> {
    const { wait, state, rescue, search } = this.#parts;
    const { returnTimeoutMs: soonMs, personTimeoutMs: longMs } = this.#options;
    const until = state.written.application === null ? undefined : rescue.wanted;
    const isWanted = (): boolean => until?.aborted === true;
    const waitFor = (timeoutMs: number) => wait.forReturn(present, { timeoutMs, until });
    let back = await waitFor(soonMs);
    if (back === null && !isWanted()) {
      this.ask('press-reset');
      back = await waitFor(Math.min(longMs, 6 * soonMs));
    }
    // A person who has been offered a search may think about it.
    if (back === null && !isWanted() && rescue.isOffered) back = await waitFor(longMs);
    if (back === null && isWanted()) return await search();
    if (back === null) throw this.#didNotReturn();
    return back;
  }

  /** For a board that may start what was written automatically, or else with a person's help. */
  async afterWrite(present: PresentDevice, from: LeftByHand): Promise<PresentDevice> {
    const { wait, rescue } = this.#parts;
    const timeoutMs = this.#options.returnTimeoutMs;
    const back = await wait.forReturn(present, { timeoutMs, until: rescue.wanted });
    if (back !== null && boardMode(back.device) !== from.mode) return back;
    return await this.forHand(back ?? present, from);
  }

  /** Sights on the port are reported as they happen; the request to the person stays the same. */
  async forHand(present: PresentDevice, { mode, leftBy }: LeftByHand): Promise<PresentDevice> {
    const { wait, state, rescue, search } = this.#parts;
    const { place, personTimeoutMs } = this.#options;
    const { clock, watch } = this.#services;
    const until = rescue.wanted;
    const isWanted = (): boolean => until.aborted;
    if (isWanted()) return await search();
    this.ask(leftBy);
    const deadlineMs = clock.nowMs() + personTimeoutMs;
    for (let last = present; ;) {
      const timeoutMs = Math.max(0, deadlineMs - clock.nowMs());
      const back = await wait.forReturn(last, { timeoutMs, until });
      if (isWanted() && (back === null || boardMode(back.device) === mode)) return await search();
      if (back === null) break;
      if (boardMode(back.device) !== mode) return back;
      state.board.meetQuietly(back.device);
      last = back;
    }
    if (watch.at(place) === null) throw this.#didNotReturn();
    throw new CanopusError(
      'device/still-in-dfu',
      'The board is still in DFU: the BOOT0 jumper is set.',
      { place },
      { state: state.boardState },
    );
  }

  /** For a running Klipper that no program can ask for its bootloader. */
  forDoubleTap(present: PresentDevice): Promise<PresentDevice> {
    const { place, signal, personTimeoutMs: timeoutMs } = this.#options;
    return waitForDoubleTap(this.#services, present, {
      ...{ place, timeoutMs, signal },
      ask: () => this.ask('double-tap'),
      waitForReturn: (before, leftMs) => this.#parts.wait.forReturn(before, { timeoutMs: leftMs }),
    });
  }

  #didNotReturn(): CanopusError {
    const { place } = this.#options;
    return new CanopusError(
      'device/did-not-return',
      `No device came back on ${placeWords(place)}.`,
      { place },
      { state: this.#parts.state.boardState },
    );
  }
}
