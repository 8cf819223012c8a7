import { placeWords } from '../../app/place.ts';
import { boardMode, type BoardMode } from '../../app/boards/board-mode.ts';
import type { ChipNames } from '../../app/boards/chip-identity.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import type { BoardState } from '../../app/errors.ts';
import { bootloaderIn, bootloaders, type Bootloader } from '../../app/flash/bootloaders.ts';
import type { FlashReport } from '../../app/flash/flash-event.ts';
import type { Images } from '../../app/image/image-parts.ts';
import type { RunsAs } from '../../app/rescue/runs-as.ts';
import type { Sight } from '../../app/rescue/sight.ts';
import type { BoardImages } from './board-images.ts';
import { BootloaderEntry } from './bootloader-entry.ts';
import { BootloaderStep } from './bootloader-step.ts';
import { CrystalRescue } from './crystal-rescue.ts';
import type { PresentDevice } from './device-watch.ts';
import type { JobServices } from './job-services.ts';
import { PartWriter } from './part-writer.ts';
import { PortWait } from './port-wait.ts';
import { ReturnWait } from './return-wait.ts';
import { withTimes, type RunOptions, type TimedOptions } from './run-options.ts';
import { RunState } from './run-state.ts';
import { nothingAt, wrongDevice, wrongMode } from './wrong-device.ts';

export interface RunEnd {
  /** Null if the board shows nothing on USB, or was not waited for. */
  readonly device: UsbDevice | null;
  readonly chip: ChipNames;
  /** Of what was written. */
  readonly mcu: string | null;
  readonly written: Images<FlashReport>;
  /** The board's crystal, if a search found it. */
  readonly crystalHz: number | null;
}

/** The note if what was written never shows on USB. */
const neverOnUsb = {
  'can-node': 'This Klipper is a node on a CAN bus: it never shows on USB. Look for it on its bus.',
  'no-usb': 'This Klipper has no USB: whether it runs cannot be seen here.',
  'not-told': 'This image does not say whether it uses USB: whether it runs cannot be seen here.',
} as const satisfies Record<Extract<RunsAs, { mode: null }>['why'], string>;

/** Takes one board from any mode to the end of its order, by the table of bootloaders. */
export class BoardRun {
  readonly #options: TimedOptions;
  readonly #state: RunState;
  readonly #wait: PortWait;
  readonly #rescue: CrystalRescue;
  readonly #returns: ReturnWait;
  readonly #entry: BootloaderEntry;
  readonly #writer: PartWriter;
  readonly #bootloader: BootloaderStep;

  constructor(services: JobServices, options: RunOptions, images: BoardImages) {
    this.#options = withTimes(options);
    this.#state = new RunState(options, images);
    const { place, signal } = options;
    const state = this.#state;
    const wait = new PortWait({ ...services, place, signal, onSight: (sight) => this.#see(sight) });
    const rescue = new CrystalRescue(services, this.#options, {
      ...{ wait, state },
      ask: (ask) => this.#returns.ask(ask),
      write: (image, board) => this.#writer.writeCandidate(image, board),
    });
    const search = (): Promise<PresentDevice> => this.#search();
    this.#wait = wait;
    this.#rescue = rescue;
    this.#writer = new PartWriter(services, this.#options, { wait, state });
    this.#returns = new ReturnWait(services, this.#options, { wait, state, rescue, search });
    const returns = this.#returns;
    this.#bootloader = new BootloaderStep(this.#options, {
      ...{ state, rescue, returns, search },
      writer: this.#writer,
    });
    this.#entry = new BootloaderEntry(services, this.#options, { wait, state, returns });
  }

  /** What this run has done to the board so far, between two steps. */
  get boardState(): BoardState {
    return this.#state.boardState;
  }

  /**
   * The board at the end of its order: it runs the application, or its bootloader is written if that is all. Throws
   * what `flashBoard` throws, without the board's state: that is `boardState`.
   */
  async toEnd(): Promise<RunEnd> {
    const device = await this.#toDevice();
    const { place, onEvent } = this.#options;
    onEvent({ type: 'step', step: 'done', place });
    const { board, images, written } = this.#state;
    const mcu = (images.application ?? images.bootloader)?.info.mcu ?? null;
    return { device, chip: board.names, mcu, written, crystalHz: this.#rescue.crystalHz };
  }

  async #toDevice(): Promise<UsbDevice | null> {
    const { place, onEvent, search } = this.#options;
    const { board, isBootloaderOnly } = this.#state;
    let present = await this.#wait.whenUsable();
    if (search?.when === 'at-once' && !isBootloaderOnly && !isAlive(present)) present = await this.#search();
    if (present === null) throw nothingAt(place);
    for (;;) {
      const { runs, written, isAnythingWritten } = this.#state;
      if (runs === null && written.bootloader !== null) return null;
      if (runs?.mode === null && written.application !== null) {
        onEvent({ type: 'note', text: neverOnUsb[runs.why] });
        return null;
      }
      // That it is back in a bootloader that a hand ends was already reported as a sight.
      const isBack = isAnythingWritten && bootloaderOf(present)?.leftBy === 'remove-jumper';
      const mode = isBack ? boardMode(present.device) : board.meet(present.device);
      if (written.application !== null && mode === runs?.mode) return present.device;
      present = await this.#advance(mode, present);
    }
  }

  /** One step from the board's current mode; returns the board as it came back. */
  async #advance(mode: BoardMode, present: PresentDevice): Promise<PresentDevice> {
    const id = bootloaderIn(mode);
    if (id !== null) return await this.#bootloader.take(id, present);
    if (mode !== 'can-bridge' && mode !== 'klipper-serial') {
      throw wrongDevice(present.device, this.#options.place, this.#state.boardState);
    }
    const { written, runs, boardState } = this.#state;
    if (written.application === null) return await this.#entry.enter(mode, present);
    const { place } = this.#options;
    throw wrongMode(
      `The board on ${placeWords(place)} runs Klipper as ${mode}, which its image does not make it.`,
      { place, mode, wanted: runs?.mode ?? null, state: boardState },
    );
  }

  /** What the port shows while the board is waited for. */
  #see(sight: Sight): void {
    if (this.#rescue.isSearching) return;
    const { place, onEvent } = this.#options;
    onEvent({ type: 'sight', sight, place, builtForHz: this.#state.builtForHz });
    if (this.#state.isAnythingWritten) this.#rescue.see(sight);
  }

  /** Has the board's crystal found; then it is in Katapult, with the application still to be written. */
  async #search(): Promise<PresentDevice> {
    const { board, crystalHz } = await this.#rescue.search();
    if (crystalHz === null) return board;
    this.#state.board.mode = 'katapult';
    this.#state.forgetApplication();
    this.#state.take(await this.#rescue.imagesFor(crystalHz));
    return board;
  }
}

/** A board that shows Katapult or Klipper has revealed its crystal, or can be asked for it. */
function isAlive(present: PresentDevice | null): boolean {
  return present !== null && bootloaderOf(present)?.writes !== 'bootloader';
}

function bootloaderOf({ device }: PresentDevice): Bootloader | null {
  const id = bootloaderIn(boardMode(device));
  return id === null ? null : bootloaders[id];
}
