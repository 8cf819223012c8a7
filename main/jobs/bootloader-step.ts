import {
  bootloaderFor,
  bootloaders,
  type Bootloader,
  type BootloaderId,
} from '../../app/flash/bootloaders.ts';
import { imageParts, partWords, type ImagePart } from '../../app/image/image-parts.ts';
import { placeWords } from '../../app/place.ts';
import { modeWords } from '../../app/words.ts';
import type { CrystalRescue } from './crystal-rescue.ts';
import type { PresentDevice } from './device-watch.ts';
import type { PartWriter } from './part-writer.ts';
import type { ReturnWait } from './return-wait.ts';
import type { TimedOptions } from './run-options.ts';
import type { RunState } from './run-state.ts';
import { wrongMode } from './wrong-device.ts';

interface StepParts {
  readonly state: RunState;
  readonly rescue: CrystalRescue;
  readonly writer: PartWriter;
  readonly returns: ReturnWait;
  /** Finds the board's crystal instead; returns the board as it is then. */
  readonly search: () => Promise<PresentDevice>;
}

/** One step of a run whose board is in a bootloader. */
export class BootloaderStep {
  readonly #options: TimedOptions;
  readonly #parts: StepParts;

  constructor(options: TimedOptions, parts: StepParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Writes the part that this bootloader writes; if that is already done, gets the board out of it. */
  async take(id: BootloaderId, present: PresentDevice): Promise<PresentDevice> {
    const { state, rescue, writer, returns, search } = this.#parts;
    const bootloader: Bootloader = bootloaders[id];
    const { mode, writes, leftBy, leaves } = bootloader;
    if (leftBy !== null && state.isAnythingWritten) {
      return await returns.forHand(present, { ...bootloader, leftBy });
    }
    const { place } = this.#options;
    if (state.written[writes] !== null) {
      if (this.#options.search !== undefined && rescue.isForAnotherCrystal) return await search();
      throw wrongMode(
        `${partWords[writes]} was written and read back, but the board on ${placeWords(place)} started ${modeWords[mode]} again.`,
        { place, mode, wanted: state.runs?.mode ?? null, state: leaves.written },
      );
    }
    if (state.images[writes] !== null && writes === 'application') {
      const others = await rescue.meetKatapult();
      if (others !== null) state.take(others);
    }
    const image = state.images[writes];
    if (image === null) throw this.#nothingFor(bootloader);
    await writer.write(id, present, image);
    if (state.isBootloaderOnly) return present;
    if (leftBy !== null) return await returns.afterWrite(present, { ...bootloader, leftBy });
    return state.runs?.mode === null ? present : await returns.afterReset(present);
  }

  /** The order has no image for the part that this bootloader writes, only for another one. */
  #nothingFor({ mode }: Bootloader): Error {
    const { place } = this.#options;
    const { images, boardState: state } = this.#parts.state;
    const part: ImagePart = imageParts.find((each) => images[each] !== null) ?? 'application';
    const mcu = images[part]?.info.mcu ?? null;
    const wanted = bootloaderFor(part, mcu).mode;
    return wrongMode(
      `The board on ${placeWords(place)} is in ${modeWords[mode]}; ${partWords[part]} is written through ${modeWords[wanted]}.`,
      { place, mode, wanted, state },
    );
  }
}
