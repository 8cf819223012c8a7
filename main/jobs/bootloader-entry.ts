import { placeWords } from '../../app/place.ts';
import { CanopusError } from '../../app/errors.ts';
import type { PresentDevice } from './device-watch.ts';
import { isOnlyByHand, needsDoubleTap } from './double-tap.ts';
import { enterKatapult } from './enter-katapult.ts';
import type { JobServices } from './job-services.ts';
import type { PortWait } from './port-wait.ts';
import type { ReturnWait } from './return-wait.ts';
import type { TimedOptions } from './run-options.ts';
import type { RunState } from './run-state.ts';

/** A Klipper that still runs after this many requests for Katapult has none below it. */
const maxEntries = 3;

interface EntryParts {
  readonly wait: PortWait;
  readonly returns: ReturnWait;
  readonly state: RunState;
}

/** Takes a board from a running Klipper into its bootloader: by software, or by a person's double tap. */
export class BootloaderEntry {
  readonly #services: JobServices;
  readonly #options: TimedOptions;
  readonly #parts: EntryParts;
  /** How often the board was asked. */
  #entries = 0;

  constructor(services: JobServices, options: TimedOptions, parts: EntryParts) {
    this.#services = services;
    this.#options = options;
    this.#parts = parts;
  }

  /** Returns the board as it came back. Throws what `enterKatapult` and the waits throw, and `device/wrong-mode`. */
  async enter(mode: 'can-bridge' | 'klipper-serial', present: PresentDevice): Promise<PresentDevice> {
    const { place, onEvent, signal } = this.#options;
    const { wait, returns, state } = this.#parts;
    // If a person presses reset or pulls the cable meanwhile, ask again.
    if (this.#entries === maxEntries) {
      throw new CanopusError(
        'device/wrong-mode',
        `The board on ${placeWords(place)} was asked for Katapult ${maxEntries} times but does not stay in it.`,
        { place, mode, wanted: 'katapult', asked: maxEntries },
        { state: state.boardState },
      );
    }
    this.#entries += 1;
    onEvent({ type: 'step', step: 'enter-katapult', place });
    if (mode === 'can-bridge' && needsDoubleTap(present.device)) return await returns.forDoubleTap(present);
    try {
      await enterKatapult(this.#services, present.device, mode, signal);
    } catch (error) {
      if (mode !== 'can-bridge' || !isOnlyByHand(error)) throw error;
      return await returns.forDoubleTap(present);
    }
    wait.restarted(present);
    return await returns.afterReset(present);
  }
}
