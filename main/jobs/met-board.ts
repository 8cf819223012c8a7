import { placeWords } from '../../app/place.ts';
import { boardMode, chipUid, type BoardMode } from '../../app/boards/board-mode.ts';
import { chipNames, judgeChips, type ChipNames } from '../../app/boards/chip-identity.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, type BoardState } from '../../app/errors.ts';
import type { RunOptions } from './run-options.ts';

/** The identity of the board on a run's port, over all its modes: the first chip with a known UID, and no other. */
export class MetBoard {
  readonly #options: Pick<RunOptions, 'place' | 'backup' | 'onEvent'>;
  readonly #state: () => BoardState;
  #names: ChipNames = chipNames(null);
  #dfuSerial: string | null = null;
  /** The mode that it was last seen in. */
  mode: BoardMode | null = null;

  constructor(options: Pick<RunOptions, 'place' | 'backup' | 'onEvent'>, state: () => BoardState) {
    this.#options = options;
    this.#state = state;
  }

  /** Of the chip; null until it has reported its UID. */
  get names(): ChipNames {
    return this.#names;
  }

  /** Records a device on the port, emits it, and returns its mode. Throws `device/returned-as-another`. */
  meet(device: UsbDevice): BoardMode {
    const mode = boardMode(device);
    this.meetQuietly(device);
    this.learnUid(chipUid(device));
    this.mode = mode;
    this.#options.onEvent({
      type: 'seen',
      mode,
      place: this.#options.place,
      ...this.#names,
      tty: device.tty,
    });
    return mode;
  }

  /** For a board that is in ROM DFU again, which was already reported. */
  meetQuietly(device: UsbDevice): void {
    if (boardMode(device) === 'dfu') this.#dfuSerial = device.serialNumber;
  }

  /** What the chip reports about itself; null says nothing. Throws `device/returned-as-another`. */
  learnUid(uid: string | null): void {
    if (uid === null) return;
    const { place, backup } = this.#options;
    const before = this.#names.uid;
    const known = { uid: before, dfuSerial: before === null ? this.#dfuSerial : null };
    if (judgeChips(known, { uid, dfuSerial: null }) === 'other') {
      const chip = before ?? `with the DFU serial number ${this.#dfuSerial ?? ''}`;
      throw new CanopusError(
        'device/returned-as-another',
        `${placeWords(place)} had the chip ${chip}, now it has ${uid}.`,
        { place, expectedUid: before, foundUid: uid },
        { state: this.#state() },
      );
    }
    if (uid !== before) this.#names = chipNames(uid);
    backup?.learnUid(uid);
  }
}
