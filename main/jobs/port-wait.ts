import type { PlaceId } from '../../app/place.ts';
import { boardMode, needsTty } from '../../app/boards/board-mode.ts';
import {
  afterStart,
  isQuiet,
  quietMs,
  sightAfter,
  type PortLook,
  type Sight,
  type SightEvent,
  type SightState,
} from '../../app/rescue/sight.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceWatch, PresentDevice } from './device-watch.ts';

interface PortWaitOptions {
  readonly watch: DeviceWatch;
  readonly clock: Clock;
  readonly place: PlaceId;
  readonly signal?: AbortSignal | undefined;
  /** Called at the event that shows it; for silence after `quietMs`. */
  readonly onSight: (sight: Sight) => void;
}

interface ReturnOptions {
  readonly timeoutMs: number;
  /** Ends the wait early, without an error. */
  readonly until?: AbortSignal | undefined;
  /** These end the wait, too, as soon as they are seen. */
  readonly endAt?: readonly Sight[];
}

/** How long Windows may take to find and start the driver of a serial port that it meets for the first time. */
const ttyTimeoutMs = 30_000;

/** Waits for the board on one port and reports what is seen meanwhile, so that no wait is silent. */
export class PortWait {
  readonly #options: PortWaitOptions;
  #state: SightState;
  #unreadable: number;
  /** When something last happened on the port. */
  #sinceMs: number;
  /** Of the current wait. */
  #onSaid: (sight: Sight) => void = () => undefined;

  constructor(options: PortWaitOptions) {
    this.#options = options;
    const { watch, clock, place } = options;
    this.#state = afterStart(lookOf(watch.at(place)));
    this.#unreadable = watch.unreadable(place);
    this.#sinceMs = clock.nowMs();
  }

  /** The board was asked to restart; `board` is how it was before. */
  restarted(board: PresentDevice): void {
    this.#state = afterStart(lookOf(board));
    this.#unreadable = this.#options.watch.unreadable(this.#options.place);
    this.#sinceMs = this.#options.clock.nowMs();
  }

  /** The device on the port, with its serial port if it needs one: Windows may take seconds to install a driver. */
  async whenUsable(): Promise<PresentDevice | null> {
    const { watch, place, signal } = this.#options;
    const usable = await watch.waitFor(
      () => {
        const now = watch.at(place);
        if (now === null) return { present: null };
        return needsTty(boardMode(now.device)) && now.device.tty === null ? null : { present: now };
      },
      { timeoutMs: ttyTimeoutMs, signal },
    );
    return usable === null ? watch.at(place) : usable.present;
  }

  /**
   * The board as it next arrives on its port, usable: Katapult and serial Klipper only once their tty exists. Null if
   * that did not happen in time. Throws `cancelled`.
   */
  async forReturn(
    before: PresentDevice | null,
    { timeoutMs, until, endAt = [] }: ReturnOptions,
  ): Promise<PresentDevice | null> {
    const { watch, clock, place, signal } = this.#options;
    const deadlineMs = clock.nowMs() + timeoutMs;
    const ended = new AbortController();
    this.#onSaid = (sight) => {
      if (endAt.includes(sight)) ended.abort();
    };
    const end = until === undefined ? ended.signal : AbortSignal.any([until, ended.signal]);
    const arrived = (): PresentDevice | null => {
      this.#look();
      const now = watch.at(place);
      if (now === null || now.arrival === before?.arrival) return null;
      return needsTty(boardMode(now.device)) && now.device.tty === null ? null : now;
    };
    for (;;) {
      const nowMs = clock.nowMs();
      const quietAtMs = this.#sinceMs + quietMs;
      const waitMs = Math.min(deadlineMs, quietAtMs > nowMs ? quietAtMs : deadlineMs) - nowMs;
      const back = await watch.waitFor(arrived, { timeoutMs: Math.max(0, waitMs), signal, until: end });
      if (back !== null || end.aborted) return back;
      if (clock.nowMs() - this.#sinceMs >= quietMs) this.#take({ type: 'quiet' });
      if (clock.nowMs() >= deadlineMs) return null;
    }
  }

  #look(): void {
    const { watch, place } = this.#options;
    const look = lookOf(watch.at(place));
    if (!isSameLook(look, this.#state.look)) this.#take({ type: 'port', look });
    const unreadable = watch.unreadable(place);
    if (unreadable === this.#unreadable) return;
    this.#unreadable = unreadable;
    this.#take({ type: 'unreadable' });
  }

  #take(event: SightEvent): void {
    if (event.type !== 'quiet') this.#sinceMs = this.#options.clock.nowMs();
    else if (!isQuiet(this.#state)) return;
    const { state, sight } = sightAfter(this.#state, event);
    this.#state = state;
    if (sight === null) return;
    this.#onSaid(sight);
    this.#options.onSight(sight);
  }
}

function lookOf(present: PresentDevice | null): PortLook | null {
  if (present === null) return null;
  const { device, arrival } = present;
  return { mode: boardMode(device), arrival, hasTty: device.tty !== null };
}

function isSameLook(one: PortLook | null, other: PortLook | null): boolean {
  return one?.arrival === other?.arrival && one?.hasTty === other?.hasTty && one?.mode === other?.mode;
}
