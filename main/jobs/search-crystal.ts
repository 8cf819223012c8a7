import { type PlaceId, placeWords } from '../../app/place.ts';
import { boardMode } from '../../app/boards/board-mode.ts';
import { CanopusError } from '../../app/errors.ts';
import {
  beginSearch,
  searchAfter,
  type SearchEffect,
  type SearchEvent,
  type SearchProgress,
  type SearchStart,
  type SearchState,
} from '../../app/rescue/crystal-search.ts';
import type { LoadedImage } from './board-images.ts';
import type { CrystalImages } from './crystal-images.ts';
import type { PresentDevice } from './device-watch.ts';
import type { PortWait } from './port-wait.ts';

interface SearchTools {
  readonly place: PlaceId;
  readonly images: CrystalImages;
  readonly wait: PortWait;
  readonly personTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Writes a Katapult through the ROM DFU on the port, and starts it. */
  readonly write: (image: LoadedImage, board: PresentDevice) => Promise<void>;
  /** The crystal of the Katapult on the port; null if unknown. */
  readonly crystalOf: (board: PresentDevice) => Promise<number | null>;
  readonly ask: (ask: Extract<SearchEffect, { type: 'ask' }>['ask']) => void;
  readonly onProgress: (progress: SearchProgress) => void;
}

/** The board as the search leaves it. */
export interface SearchResult {
  readonly board: PresentDevice;
  /** Null if the board came up as Klipper: there is nothing to search for. */
  readonly crystalHz: number | null;
}

/** Slow hubs and a loaded computer have been seen to need 8 s. */
const listenMs = 8_000;

/**
 * Finds out which crystal a silent board has, see `app/rescue/crystal-search.ts`. Ends with the board in Katapult.
 *
 * Throws `rescue/crystal-not-found`, `device/did-not-return` if the board is not brought back, `rescue/no-image`, and
 * as builds and the flasher do.
 */
export async function searchCrystal(
  start: SearchStart,
  now: PresentDevice | null,
  tools: SearchTools,
): Promise<SearchResult> {
  const search = new CrystalSearch(now, tools);
  return await search.run(start);
}

type Seen =
  | { readonly event: 'running'; readonly board: PresentDevice }
  | { readonly event: SearchEvent; readonly board: PresentDevice | null };

class CrystalSearch {
  readonly #tools: SearchTools;
  /** Its last arrival: anything later is new. */
  #board: PresentDevice | null;

  constructor(now: PresentDevice | null, tools: SearchTools) {
    this.#board = now;
    this.#tools = tools;
  }

  async run(start: SearchStart): Promise<SearchResult> {
    let { state, effects } = beginSearch(start);
    for (;;) {
      if (state.stage === 'exhausted') throw this.#notFound(state);
      for (const effect of effects) await this.#do(effect, state);
      if (state.stage === 'write') {
        ({ state, effects } = searchAfter(state, { type: 'started' }));
        continue;
      }
      const seen = await this.#next(state);
      if (seen.event === 'running') return { board: seen.board, crystalHz: null };
      const before = state;
      ({ state, effects } = searchAfter(before, seen.event));
      this.#tell(before, state);
      if (state.stage === 'found' && seen.board !== null)
        return { board: seen.board, crystalHz: state.currentHz };
    }
  }

  async #do(effect: SearchEffect, { leftHz }: SearchState): Promise<void> {
    const { images, ask, write, onProgress, signal } = this.#tools;
    if (effect.type === 'ask') {
      ask(effect.ask);
      return;
    }
    const { crystalHz } = effect;
    const image = await images.get('bootloader', crystalHz, { signal });
    onProgress({ stage: 'try', crystalHz, left: leftHz.length });
    if (this.#board !== null) await write(image, this.#board);
  }

  /** What happens on the port next, as far as it matters to the search. */
  async #next(state: SearchState): Promise<Seen> {
    const { wait, personTimeoutMs, place, crystalOf } = this.#tools;
    const isListening = state.stage === 'listen';
    const timeoutMs = isListening ? listenMs : personTimeoutMs;
    for (;;) {
      const endAt = isListening ? (['unreadable'] as const) : [];
      const board = await wait.forReturn(this.#board, { timeoutMs, endAt });
      if (board === null && isListening) return { board, event: { type: 'silent' } };
      if (board === null) {
        throw new CanopusError('device/did-not-return', `No device came back on ${placeWords(place)}.`, {
          place,
        });
      }
      this.#board = board;
      const mode = boardMode(board.device);
      if (mode === 'dfu') return { board, event: { type: 'dfu' } };
      if (mode === 'katapult') {
        const crystalHz = state.currentHz === null ? await crystalOf(board) : null;
        return { board, event: { type: 'katapult', crystalHz } };
      }
      if (mode !== 'unknown') return { board, event: 'running' };
    }
  }

  #tell(before: SearchState, state: SearchState): void {
    const { onProgress } = this.#tools;
    const left = state.leftHz.length;
    const [silentHz] = state.silentHz.slice(before.silentHz.length);
    if (silentHz !== undefined) onProgress({ stage: 'silent', crystalHz: silentHz, left });
    if (state.stage === 'found' && state.currentHz !== null)
      onProgress({ stage: 'found', crystalHz: state.currentHz, left });
  }

  #notFound({ silentHz }: SearchState): CanopusError {
    const { place } = this.#tools;
    const tried = silentHz.map((hz) => hz / 1e6).join(', ');
    return new CanopusError(
      'rescue/crystal-not-found',
      `No Katapult showed on ${placeWords(place)}, built for a crystal of ${tried} MHz.`,
      { place, triedMhz: tried },
    );
  }
}
