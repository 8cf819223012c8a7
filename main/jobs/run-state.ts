import { stateWithApplication, stateWithKatapult } from '../../app/boards/state-of-mode.ts';
import type { BoardState } from '../../app/errors.ts';
import type { FlashReport } from '../../app/flash/flash-event.ts';
import type { ImagePart, Images } from '../../app/image/image-parts.ts';
import { runsAs, type RunsAs } from '../../app/rescue/runs-as.ts';
import type { BoardImages } from './board-images.ts';
import { MetBoard } from './met-board.ts';
import type { RunOptions } from './run-options.ts';

/** What one run should write, what it has written, and what it knows about the board. */
export class RunState {
  readonly board: MetBoard;
  readonly #onImages: RunOptions['onImages'];
  #images: BoardImages;
  #written: Images<FlashReport> = { bootloader: null, application: null };

  constructor(options: RunOptions, images: BoardImages) {
    this.#images = images;
    this.#onImages = options.onImages;
    this.board = new MetBoard(options, () => this.boardState);
  }

  get images(): BoardImages {
    return this.#images;
  }

  /** The report of each part that was written; null for a bootloader that was kept. */
  get written(): Images<FlashReport> {
    return this.#written;
  }

  get isAnythingWritten(): boolean {
    return this.#written.bootloader !== null || this.#written.application !== null;
  }

  /** From here on other images are written than before. */
  take(images: BoardImages): void {
    this.#images = images;
    this.#onImages?.(images);
  }

  wrote(part: ImagePart, report: FlashReport): void {
    this.#written = { ...this.#written, [part]: report };
  }

  /** Drops the report of what was written: a bootloader is written again, or one for another crystal is there. */
  forgetApplication(): void {
    this.#written = { ...this.#written, application: null };
  }

  /** How the application shows that it runs; null for an order without one. */
  get runs(): RunsAs | null {
    const { application } = this.#images;
    return application === null ? null : runsAs(application.info);
  }

  /** An order for a bootloader alone ends with its write: anything that it starts was on the board before. */
  get isBootloaderOnly(): boolean {
    return this.#images.application === null;
  }

  /** What this run has done to the board so far, between two steps. */
  get boardState(): BoardState {
    const { mode } = this.board;
    if (this.#written.application !== null) return stateWithApplication(mode);
    return this.#written.bootloader === null ? 'untouched' : stateWithKatapult(mode);
  }

  /** The crystal of what was last written; null if nothing was, or the image does not state it. */
  get builtForHz(): number | null {
    if (this.#written.application !== null) return this.#images.application?.info.crystalHz ?? null;
    return this.bootloaderHz;
  }

  /**
   * The crystal of the bootloader that this run has written; null if it has written none, or that does not state it.
   */
  get bootloaderHz(): number | null {
    if (this.#written.bootloader === null) return null;
    return this.#images.bootloader?.info.crystalHz ?? null;
  }
}
