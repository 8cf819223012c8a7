import { bootloaders, type Bootloader, type BootloaderId } from '../../app/flash/bootloaders.ts';
import { withCrystal } from '../../app/image/board-expectation.ts';
import type { LoadedImage } from './board-images.ts';
import type { PresentDevice } from './device-watch.ts';
import type { JobServices } from './job-services.ts';
import type { PortWait } from './port-wait.ts';
import type { TimedOptions } from './run-options.ts';
import type { RunState } from './run-state.ts';
import { writeImage } from './write-image.ts';

interface WriterParts {
  readonly wait: PortWait;
  readonly state: RunState;
}

/** Writes the parts of one run's board, and records what that reveals about the board. */
export class PartWriter {
  readonly #services: JobServices;
  readonly #options: TimedOptions;
  readonly #parts: WriterParts;

  constructor(services: JobServices, options: TimedOptions, parts: WriterParts) {
    this.#services = services;
    this.#options = options;
    this.#parts = parts;
  }

  /** Writes an image through the board's current bootloader, and starts it. Throws what `writeImage` throws. */
  async write(id: BootloaderId, present: PresentDevice, image: LoadedImage): Promise<void> {
    const { place, backup, onEvent } = this.#options;
    const { wait, state } = this.#parts;
    const { mode, writes, step, reachesAllFlash }: Bootloader = bootloaders[id];
    const isFirst = state.written[writes] === null;
    if (!reachesAllFlash && backup?.isTaken === false)
      onEvent({ type: 'note', text: 'No backup: only ROM DFU reads all of flash.' });
    onEvent({ type: 'step', step, place });
    state.board.mode = mode;
    const report = await writeImage(this.#services, id, {
      ...this.#options,
      image,
      board: state.images.board,
      checkTarget: (target) => {
        state.board.learnUid(target.uid);
        // It was examined when the board came; a search brings the same board back again and again.
        if (isFirst) this.#options.checkTarget?.(target);
      },
    });
    state.wrote(writes, report);
    wait.restarted(present);
    if (writes !== 'bootloader') return;
    state.board.learnUid(report.uid);
    // Viewers can follow the board by it from here on, wherever it comes back.
    if (state.board.names.uid !== null) state.board.meet(present.device);
  }

  /** Writes one of the bootloaders that a search tries on a board in ROM DFU. */
  async writeCandidate(image: LoadedImage, present: PresentDevice): Promise<void> {
    const { state } = this.#parts;
    const { crystalHz } = image.info;
    const { images } = state;
    const board = crystalHz === null ? images.board : withCrystal(images.board, crystalHz);
    state.take({ ...images, bootloader: image, board });
    state.forgetApplication();
    await this.write('rom-dfu', present, image);
  }
}
