import { placeWords } from '../../app/place.ts';
import { boardMode } from '../../app/boards/board-mode.ts';
import { CanopusError } from '../../app/errors.ts';
import { withCrystal } from '../../app/image/board-expectation.ts';
import type { ImagePart } from '../../app/image/image-parts.ts';
import type { Sight } from '../../app/rescue/sight.ts';
import type { Ask } from '../../app/flash/run-step.ts';
import type { BoardImages, LoadedImage } from './board-images.ts';
import type { PresentDevice } from './device-watch.ts';
import type { JobServices } from './job-services.ts';
import { crystalOfKatapult } from './katapult-crystal.ts';
import type { PortWait } from './port-wait.ts';
import type { TimedOptions } from './run-options.ts';
import type { RunState } from './run-state.ts';
import { searchCrystal, type SearchResult } from './search-crystal.ts';
import type { SearchProgress } from '../../app/rescue/crystal-search.ts';

/** The run that needs it. */
interface RescuedRun {
  readonly wait: PortWait;
  readonly state: RunState;
  readonly ask: (ask: Ask) => void;
  /** Writes a Katapult through ROM DFU and starts it. */
  readonly write: (image: LoadedImage, board: PresentDevice) => Promise<void>;
}

/** Finds the crystal of a board that stays silent, and the images for it: its knowledge of one run's board. */
export class CrystalRescue {
  readonly #services: JobServices;
  readonly #options: TimedOptions;
  readonly #run: RescuedRun;
  /** A new one for each search. */
  #wanted = new AbortController();
  #isSearching = false;
  #isOffered = false;
  /** The crystal of the Katapult that was seen on this board. */
  #katapultHz: number | null = null;
  #crystalHz: number | null = null;

  constructor(services: JobServices, options: TimedOptions, run: RescuedRun) {
    this.#services = services;
    this.#options = options;
    this.#run = run;
    const wanted = options.search?.wanted;
    const begin = (): void => this.#wanted.abort();
    if (wanted?.aborted === true) begin();
    else wanted?.addEventListener('abort', begin, { once: true });
  }

  /** Aborted when a search should begin. */
  get wanted(): AbortSignal {
    return this.#wanted.signal;
  }

  /** The offer of a search was made. */
  get isOffered(): boolean {
    return this.#isOffered;
  }

  /** A search has its own messages for what is seen. */
  get isSearching(): boolean {
    return this.#isSearching;
  }

  /** The board's crystal, if it was found. */
  get crystalHz(): number | null {
    return this.#crystalHz;
  }

  /** The Klipper to write cannot start on a board whose Katapult runs. */
  get isForAnotherCrystal(): boolean {
    const crystalHz = this.#run.state.images.application?.info.crystalHz ?? null;
    return this.#katapultHz !== null && crystalHz !== null && crystalHz !== this.#katapultHz;
  }

  /** Offers or begins a search if what is seen of a started board suggests one. */
  see(sight: Sight): void {
    const { search, onEvent } = this.#options;
    const isSilent = sight === 'silent' || sight === 'unreadable';
    if (search === undefined || !isSilent || this.#isOffered || this.#crystalHz !== null) return;
    // Without a Katapult to try, only the crystal of the seen one is known.
    const hasNone = search.images.crystalsHz.length === 0;
    if (hasNone && (this.#katapultHz === null || search.when === 'when-wanted')) return;
    if (search.when !== 'when-wanted') {
      this.#wanted.abort();
      return;
    }
    this.#isOffered = true;
    onEvent({ type: 'offer', offer: 'crystal-search', crystalsHz: [...search.images.crystalsHz] });
  }

  /**
   * The Katapult on the port runs, so its crystal is the board's. Uses other images if a search was ordered; otherwise
   * throws `image/wrong-crystal` if Klipper is for another one.
   */
  async meetKatapult(): Promise<BoardImages | null> {
    const { place, search, signal } = this.#options;
    this.#katapultHz =
      this.#run.state.bootloaderHz ?? (await crystalOfKatapult(this.#services, place, signal));
    if (this.#katapultHz === null || !this.isForAnotherCrystal) return null;
    if (search !== undefined && search.when !== 'when-wanted') return await this.imagesFor(this.#katapultHz);
    const has = this.#katapultHz / 1e6;
    const wants = (this.#run.state.images.application?.info.crystalHz ?? 0) / 1e6;
    throw new CanopusError(
      'image/wrong-crystal',
      `The Katapult on ${placeWords(place)} is built for a crystal of ${has} MHz and runs, so that is the board's; Klipper is built for ${wants} MHz.`,
      { place, image: wants * 1e6, board: [`${has} MHz`] },
    );
  }

  /** Searches, see `searchCrystal`. */
  async search(): Promise<SearchResult> {
    const { place, search, personTimeoutMs, signal, onEvent } = this.#options;
    if (search === undefined) throw new CanopusError('rescue/no-image', 'No search was ordered.');
    const { wait, ask, write } = this.#run;
    const now = this.#services.watch.at(place);
    const writtenHz = this.#run.state.bootloaderHz;
    const silentHz = writtenHz !== null && this.#katapultHz === null ? [writtenHz] : [];
    this.#wanted = new AbortController();
    this.#isSearching = true;
    try {
      return await searchCrystal(
        {
          candidatesHz: search.images.crystalsHz,
          katapultHz: this.#katapultHz,
          writtenHz,
          silentHz: [...new Set([...(search.silentHz ?? []), ...silentHz])],
          isInDfu: now !== null && boardMode(now.device) === 'dfu',
        },
        now,
        {
          ...{ place, images: search.images, wait, ask, write, personTimeoutMs, signal },
          crystalOf: () => crystalOfKatapult(this.#services, place, signal),
          onProgress: (progress) => onEvent({ type: 'search', place, ...progress }),
        },
      );
    } finally {
      this.#isSearching = false;
    }
  }

  /** From here on this is the board's crystal. Throws as `CrystalImages` does. */
  async imagesFor(crystalHz: number): Promise<BoardImages> {
    this.#katapultHz = crystalHz;
    this.#crystalHz = crystalHz;
    const now = this.#run.state.images;
    const bootloader = await this.#imageFor('bootloader', now, crystalHz);
    const application = await this.#imageFor('application', now, crystalHz);
    return { board: withCrystal(now.board, crystalHz), bootloader, application };
  }

  async #imageFor(part: ImagePart, images: BoardImages, crystalHz: number): Promise<LoadedImage | null> {
    const { place, search, signal, onEvent } = this.#options;
    const image = images[part];
    if (image === null || image.info.crystalHz === crystalHz || search === undefined) return image;
    const tell = (progress: SearchProgress): void => onEvent({ type: 'search', place, ...progress });
    return await search.images.get(part, crystalHz, {
      signal,
      onEvent: (event) => {
        const isBuilt = event.type === 'phase' && event.phase === 'compile';
        if (isBuilt) tell({ stage: 'build', crystalHz, left: 0 });
      },
    });
  }
}
