import { boardMode } from '../../app/boards/board-mode.ts';
import type { PortPath } from '../../app/boards/usb-device.ts';
import { CanopusError } from '../../app/errors.ts';
import { withCrystal, type BoardExpectation } from '../../app/image/board-expectation.ts';
import type { Sight } from '../../app/rescue/sight.ts';
import type { Ask } from '../../app/words.ts';
import type { FlashBoardEvent } from './board-event.ts';
import type { LoadedImage } from './board-images.ts';
import type { CrystalImages } from './crystal-images.ts';
import type { PresentDevice } from './device-watch.ts';
import type { JobServices } from './job-services.ts';
import { crystalOfKatapult } from './katapult-crystal.ts';
import type { PortWait } from './port-wait.ts';
import { searchCrystal, type SearchProgress, type SearchResult } from './search-crystal.ts';

export interface CrystalSearchOptions {
  readonly images: CrystalImages;
  /** `when-wanted`: it is offered when the board is silent, and begins when `wanted` is aborted. */
  readonly when: 'at-once' | 'when-silent' | 'when-wanted';
  readonly wanted?: AbortSignal | undefined;
  /** Tried before on this board, and silent. */
  readonly silentHz?: readonly number[] | undefined;
}

/** What a run writes to its board; a crystal that is found replaces them. */
export interface RunImages {
  /** Null: the Katapult on the board is kept, and there must be one. */
  readonly katapult: LoadedImage | null;
  readonly klipper: LoadedImage;
  readonly board: BoardExpectation;
}

export interface RescueOptions {
  readonly portPath: PortPath;
  readonly search?: CrystalSearchOptions | undefined;
  readonly personTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: FlashBoardEvent) => void;
}

/** The run that is rescued. */
export interface RescuedRun {
  readonly wait: PortWait;
  readonly images: () => RunImages;
  /** Of the Katapult that this run has written; null where it has written none, or the image does not say. */
  readonly writtenHz: () => number | null;
  readonly ask: (ask: Ask) => void;
  /** Writes a Katapult through ROM DFU and starts it. */
  readonly write: (image: LoadedImage, board: PresentDevice) => Promise<void>;
}

/** Finds the crystal of a board that stays silent, and the images for it: what it knows of one run's board. */
export class CrystalRescue {
  readonly #services: JobServices;
  readonly #options: RescueOptions;
  readonly #run: RescuedRun;
  /** A new one for each search. */
  #wanted = new AbortController();
  #isSearching = false;
  #isOffered = false;
  /** What the Katapult is built for that was seen on this board. */
  #katapultHz: number | null = null;
  #crystalHz: number | null = null;

  constructor(services: JobServices, options: RescueOptions, run: RescuedRun) {
    this.#services = services;
    this.#options = options;
    this.#run = run;
    const wanted = options.search?.wanted;
    const begin = (): void => this.#wanted.abort();
    if (wanted?.aborted === true) begin();
    else wanted?.addEventListener('abort', begin, { once: true });
  }

  /** Aborted when a search is to begin. */
  get wanted(): AbortSignal {
    return this.#wanted.signal;
  }

  /** A person was told that a search can begin. */
  get isOffered(): boolean {
    return this.#isOffered;
  }

  /** A search has words of its own for what is seen. */
  get isSearching(): boolean {
    return this.#isSearching;
  }

  /** The board's, where it was found. */
  get crystalHz(): number | null {
    return this.#crystalHz;
  }

  /** The Klipper to be written cannot start on a board whose Katapult runs. */
  get isForAnotherCrystal(): boolean {
    const { crystalHz } = this.#run.images().klipper.info;
    return this.#katapultHz !== null && crystalHz !== null && crystalHz !== this.#katapultHz;
  }

  /** Offers a search, or has it begin, where what is seen of a board that was started speaks for one. */
  see(sight: Sight): void {
    const { search, onEvent } = this.#options;
    const isSilent = sight === 'silent' || sight === 'unreadable';
    if (search === undefined || !isSilent || this.#isOffered || this.#crystalHz !== null) return;
    // Without a Katapult to try, the one that was seen is all there is to go by.
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
   * The Katapult on the port runs, so that what it is built for is the board's crystal. Takes other images where a
   * search was ordered; else rejects with `image/wrong-crystal` where Klipper is for another one.
   */
  async meetKatapult(): Promise<RunImages | null> {
    const { portPath, search, signal } = this.#options;
    this.#katapultHz = this.#run.writtenHz() ?? (await crystalOfKatapult(this.#services, portPath, signal));
    if (this.#katapultHz === null || !this.isForAnotherCrystal) return null;
    if (search !== undefined && search.when !== 'when-wanted') return await this.imagesFor(this.#katapultHz);
    const has = this.#katapultHz / 1e6;
    const wants = (this.#run.images().klipper.info.crystalHz ?? 0) / 1e6;
    throw new CanopusError(
      'image/wrong-crystal',
      `The Katapult on port ${portPath} is built for a crystal of ${has} MHz and runs, so that is the board's; Klipper is built for ${wants} MHz.`,
      { portPath, image: wants * 1e6, board: [`${has} MHz`] },
    );
  }

  /** Searches, see `searchCrystal`. */
  async search(): Promise<SearchResult> {
    const { portPath, search, personTimeoutMs, signal, onEvent } = this.#options;
    if (search === undefined) throw new CanopusError('rescue/no-image', 'No search was ordered.');
    const { wait, ask, write } = this.#run;
    const now = this.#services.watch.at(portPath);
    const writtenHz = this.#run.writtenHz();
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
          ...{ portPath, images: search.images, wait, ask, write, personTimeoutMs, signal },
          crystalOf: () => crystalOfKatapult(this.#services, portPath, signal),
          onProgress: (progress) => onEvent({ type: 'search', portPath, ...progress }),
        },
      );
    } finally {
      this.#isSearching = false;
    }
  }

  /** From here on this is the board's crystal. Rejects as `CrystalImages` does. */
  async imagesFor(crystalHz: number): Promise<RunImages> {
    this.#katapultHz = crystalHz;
    this.#crystalHz = crystalHz;
    const { board, ...now } = this.#run.images();
    const katapult = now.katapult === null ? null : await this.#imageFor(now.katapult, crystalHz);
    const klipper = await this.#imageFor(now.klipper, crystalHz);
    return { board: withCrystal(board, crystalHz), katapult, klipper };
  }

  async #imageFor(image: LoadedImage, crystalHz: number): Promise<LoadedImage> {
    const { portPath, search, signal, onEvent } = this.#options;
    const { kind } = image.info;
    if (image.info.crystalHz === crystalHz || search === undefined) return image;
    const tell = (progress: SearchProgress): void => onEvent({ type: 'search', portPath, ...progress });
    return await search.images.get(kind === 'katapult' ? 'katapult' : 'klipper', crystalHz, {
      signal,
      onEvent: (event) => {
        const isBuilt = event.type === 'phase' && event.phase === 'compile';
        if (isBuilt) tell({ stage: 'build', crystalHz, left: 0 });
      },
    });
  }
}
