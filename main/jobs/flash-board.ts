import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import {
  boardMode,
  chipUid,
  deviceMcu,
  dfuSerialFits,
  needsTty,
  type BoardMode,
} from '../../app/boards/board-mode.ts';
import { stateWithApplication, stateWithKatapult } from '../../app/boards/state-of-mode.ts';
import type { PortPath, UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, toCanopusError, type BoardState } from '../../app/errors.ts';
import type { FlashEvent, FlashReport } from '../../app/flash/flash-event.ts';
import { runsAs, type RunsAs } from '../../app/rescue/runs-as.ts';
import type { Sight } from '../../app/rescue/sight.ts';
import { askWords, type Ask } from '../../app/words.ts';
import type { DeviceWatch, PresentDevice } from './device-watch.ts';
import { isOnlyByHand, needsDoubleTap, waitForDoubleTap } from './double-tap.ts';
import { enterKatapult } from './enter-katapult.ts';
import { installKatapult, type InstallKatapultOptions } from './install-katapult.ts';
import { installKlipper } from './install-klipper.ts';
import type { BoardImages, LoadedImage } from './board-images.ts';
import type { JobServices } from './job-services.ts';
import { PortWait } from './port-wait.ts';

/** Said where nothing can be seen of what was written. */
const neverOnUsb = {
  'can-node': 'This Klipper is a node on a CAN bus: it never shows on USB. Look for it on its bus.',
  'no-usb': 'This Klipper has no USB: whether it runs cannot be seen here.',
  'not-told': 'This image does not say whether it uses USB: whether it runs cannot be seen here.',
} as const satisfies Record<Extract<RunsAs, { mode: null }>['why'], string>;

export type FlashBoardEvent =
  | {
      type: 'step';
      step: 'install-katapult' | 'enter-katapult' | 'install-klipper' | 'restore' | 'done';
      portPath: PortPath;
    }
  | {
      type: 'seen';
      mode: BoardMode;
      portPath: PortPath;
      uid: string | null;
      canbusUuid: string | null;
      tty: string | null;
    }
  | { type: 'ask'; ask: Ask; text: string }
  /** What the port shows of a board that was started; `builtForHz`: the crystal of what was written to it last. */
  | { type: 'sight'; sight: Sight; portPath: PortPath; builtForHz: number | null }
  /** All that flash held is kept, under this id. */
  | { type: 'backup'; backupId: string }
  | FlashEvent;

export interface FlashBoardOptions extends Pick<InstallKatapultOptions, 'backup' | 'confirmReadUnprotect'> {
  readonly portPath: PortPath;
  readonly images: BoardImages;
  /** May refuse the chip in DFU by throwing, before anything is erased. */
  readonly checkTarget?: InstallKatapultOptions['checkTarget'];
  /** How long a person may take for the jumper and the power. */
  readonly personTimeoutMs?: number | undefined;
  /** How long a board may take to come back by itself after a reset. */
  readonly returnTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: FlashBoardEvent) => void;
}

export interface FlashBoardReport {
  readonly portPath: PortPath;
  readonly uid: string;
  readonly canbusUuid: string;
  readonly mcu: string | null;
  /** Null where the Katapult that was already on the board was kept. */
  readonly katapult: FlashReport | null;
  readonly klipper: FlashReport;
}

export interface WriteKlipperOptions extends Pick<
  FlashBoardOptions,
  'portPath' | 'personTimeoutMs' | 'returnTimeoutMs' | 'signal' | 'onEvent'
> {
  readonly image: LoadedImage;
}

export interface WriteKlipperReport extends FlashReport {
  /** The mode that the board was then seen in; null for an image that never shows on USB. */
  readonly seen: BoardMode | null;
  readonly canbusUuid: string | null;
}

/** Real boards enumerate within 2 s; slow hubs and a loaded computer have been seen to need 8 s. */
const returnTimeoutMs = 10_000;
const personTimeoutMs = 15 * 60_000;
/** How long Windows may take to find and start the driver of a serial port that it meets for the first time. */
const ttyTimeoutMs = 30_000;
/** A Klipper that still runs after so many requests for Katapult has none below it. */
const maxEntries = 3;

/**
 * Takes the board on one port from whatever mode it is in to a running Klipper bridge: Katapult through ROM DFU,
 * Klipper through Katapult, and the bridge seen on USB with the chip's UID. Every image was checked by whoever loaded
 * it (`checkBoardImages`). Katapult is installed when the board starts in DFU; otherwise the one on the board is kept.
 *
 * Throws what the flashers throw, and `device/not-found`, `device/wrong-mode`, `device/did-not-return`,
 * `device/still-in-dfu`, `device/returned-as-another`, `katapult/bridge-no-driver`, each with the board's state.
 */
export async function flashBoard(
  services: JobServices,
  options: FlashBoardOptions,
): Promise<FlashBoardReport> {
  const run = new BoardRun(services, options, options.images);
  try {
    return await run.toBridge();
  } catch (error) {
    throw toCanopusError(error).leaving(run.state);
  } finally {
    await options.backup?.settled();
  }
}

/**
 * Writes an application through the Katapult that runs on a port, and waits until the board runs as what the image says
 * it is. The image must have been checked (`checkAgainstKatapult`). Throws as `flashBoard` does.
 */
export async function writeKlipper(
  services: JobServices,
  options: WriteKlipperOptions,
): Promise<WriteKlipperReport> {
  const run = new BoardRun(services, options, { katapult: null, klipper: options.image });
  try {
    return await run.toKlipper();
  } catch (error) {
    throw toCanopusError(error).leaving(run.state);
  }
}

type RunOptions = Omit<FlashBoardOptions, 'images'>;

/** Without a Katapult the one on the board is kept, and there must be one. */
type RunImages = BoardImages | { readonly katapult: null; readonly klipper: LoadedImage };

class BoardRun {
  readonly #services: JobServices;
  readonly #options: RunOptions;
  readonly #images: RunImages;
  readonly #watch: DeviceWatch;
  readonly #wait: PortWait;
  #katapult: FlashReport | null = null;
  #klipper: FlashReport | null = null;
  #uid: string | null = null;
  #dfuSerial: string | null = null;
  /** The mode that it was seen in last. */
  #mode: BoardMode | null = null;
  /** How often it was asked for Katapult. */
  #entries = 0;

  constructor(services: JobServices, options: RunOptions, images: RunImages) {
    this.#services = services;
    this.#options = options;
    this.#images = images;
    this.#watch = services.watch;
    const { portPath, signal, onEvent } = options;
    this.#wait = new PortWait({
      ...services,
      portPath,
      signal,
      onSight: (sight) => onEvent({ type: 'sight', sight, portPath, builtForHz: this.#builtForHz }),
    });
  }

  async toBridge(): Promise<FlashBoardReport> {
    const { device, klipper } = await this.#toRunning();
    const uid = this.#uid;
    if (uid === null || device === null) {
      throw new CanopusError(
        'link/protocol',
        'The bridge does not tell its chip UID as its serial number.',
        { portPath: this.#options.portPath },
        { state: this.state },
      );
    }
    return {
      portPath: device.portPath,
      uid,
      canbusUuid: canbusUuid(uid),
      mcu: deviceMcu(device) ?? this.#images.klipper.info.mcu,
      katapult: this.#katapult,
      klipper,
    };
  }

  async toKlipper(): Promise<WriteKlipperReport> {
    const { device, klipper } = await this.#toRunning();
    const uid = this.#uid;
    return {
      ...klipper,
      seen: device === null ? null : boardMode(device),
      uid,
      canbusUuid: uid === null ? null : canbusUuid(uid),
    };
  }

  /** The board as it runs what was written; its device is null where that shows nothing on USB. */
  async #toRunning(): Promise<{ device: UsbDevice | null; klipper: FlashReport }> {
    const { portPath, onEvent } = this.#options;
    const wanted = runsAs(this.#images.klipper.info);
    let present = await this.#whenUsable();
    if (present === null) {
      throw new CanopusError('device/not-found', `Nothing is plugged into port ${this.#options.portPath}.`, {
        portPath: this.#options.portPath,
      });
    }
    for (;;) {
      const klipper = this.#klipper;
      if (klipper !== null && wanted.mode === null) {
        onEvent({ type: 'note', text: neverOnUsb[wanted.why] });
        onEvent({ type: 'step', step: 'done', portPath });
        return { device: null, klipper };
      }
      // That it is in DFU again was told as what it is.
      const isDfuAgain = boardMode(present.device) === 'dfu' && this.state !== 'untouched';
      const mode = isDfuAgain ? 'dfu' : this.#meet(present.device);
      if (klipper !== null && mode === wanted.mode) {
        onEvent({ type: 'step', step: 'done', portPath });
        return { device: present.device, klipper };
      }
      present = await this.#advance(mode, present);
    }
  }

  /** What is on the port, with its serial port where it needs one: Windows may take seconds to install a driver. */
  async #whenUsable(): Promise<PresentDevice | null> {
    const { portPath, signal } = this.#options;
    const usable = await this.#watch.waitFor(
      (watch) => {
        const now = watch.at(portPath);
        if (now === null) return { present: null };
        return needsTty(boardMode(now.device)) && now.device.tty === null ? null : { present: now };
      },
      { timeoutMs: ttyTimeoutMs, signal },
    );
    return usable === null ? this.#watch.at(portPath) : usable.present;
  }

  /** One step from the mode the board is in; answers the board as it came back. */
  async #advance(mode: BoardMode, present: PresentDevice): Promise<PresentDevice> {
    const { portPath } = this.#options;
    switch (mode) {
      case 'dfu': {
        if (this.#klipper !== null || this.#katapult !== null) return this.#waitForJumper(present);
        const images = this.#images;
        if (images.katapult !== null) return this.#installKatapult(present, images);
        throw new CanopusError(
          'device/wrong-mode',
          `The board on port ${portPath} is in DFU; Klipper is written through Katapult.`,
          { portPath, mode, wanted: 'katapult' },
          { state: 'untouched' },
        );
      }
      case 'katapult':
        if (this.#klipper !== null) {
          throw new CanopusError(
            'device/wrong-mode',
            `Klipper was written and read back, but the board on port ${portPath} started Katapult again.`,
            { portPath, mode, wanted: 'can-bridge' },
            { state: 'katapult-verified' },
          );
        }
        return this.#installKlipper(present);
      case 'can-bridge':
      case 'klipper-serial':
        if (this.#klipper === null) return this.#enterKatapult(mode, present);
        throw new CanopusError(
          'device/wrong-mode',
          `The board on port ${portPath} runs Klipper as ${mode}, which its image does not make it.`,
          { portPath, mode, wanted: runsAs(this.#images.klipper.info).mode },
          { state: this.state },
        );
      case 'unknown':
        throw new CanopusError(
          'device/wrong-mode',
          `The device on port ${portPath} is neither in DFU, nor Katapult, nor Klipper.`,
          { portPath, mode },
          { state: this.state },
        );
    }
  }

  async #installKatapult(
    present: PresentDevice,
    { katapult: image, board }: BoardImages,
  ): Promise<PresentDevice> {
    const { portPath, signal, onEvent } = this.#options;
    onEvent({ type: 'step', step: 'install-katapult', portPath });
    this.#katapult = await installKatapult(this.#services, {
      ...this.#options,
      image,
      board,
      checkTarget: (target) => {
        this.#learnUid(target.uid);
        this.#options.checkTarget?.(target);
      },
      signal,
      onEvent,
    });
    this.#wait.restarted(present);
    this.#learnUid(this.#katapult.uid);
    // Whoever looks on can follow the board by it from here on, wherever it comes back.
    if (this.#uid !== null) this.#meet(present.device);
    const timeoutMs = this.#options.returnTimeoutMs ?? returnTimeoutMs;
    const back = await this.#wait.forReturn(present, { timeoutMs });
    if (back !== null && boardMode(back.device) !== 'dfu') return back;
    return this.#waitForJumper(back ?? present);
  }

  async #installKlipper(present: PresentDevice): Promise<PresentDevice> {
    const { portPath, backup, signal, onEvent } = this.#options;
    const { klipper: image } = this.#images;
    if (backup?.isTaken === false)
      onEvent({ type: 'note', text: 'No backup: only ROM DFU reads all of flash.' });
    onEvent({ type: 'step', step: 'install-klipper', portPath });
    this.#klipper = await installKlipper(this.#services, { portPath, image, signal, onEvent });
    this.#wait.restarted(present);
    return runsAs(image.info).mode === null ? present : this.#waitAfterReset(present);
  }

  async #enterKatapult(
    mode: 'can-bridge' | 'klipper-serial',
    present: PresentDevice,
  ): Promise<PresentDevice> {
    const { portPath, onEvent, signal } = this.#options;
    // A person who presses reset, or pulls the cable, while it changes over is a reason to ask again.
    if (this.#entries === maxEntries) {
      throw new CanopusError(
        'device/wrong-mode',
        `The board on port ${portPath} was asked for Katapult ${maxEntries} times and does not stay in it.`,
        { portPath, mode, wanted: 'katapult', asked: maxEntries },
        { state: this.state },
      );
    }
    this.#entries += 1;
    onEvent({ type: 'step', step: 'enter-katapult', portPath });
    if (mode === 'can-bridge' && needsDoubleTap(present.device)) return this.#waitForDoubleTap(present);
    try {
      await enterKatapult(this.#services, present.device, mode, signal);
    } catch (error) {
      if (mode !== 'can-bridge' || !isOnlyByHand(error)) throw error;
      return this.#waitForDoubleTap(present);
    }
    this.#wait.restarted(present);
    return this.#waitAfterReset(present);
  }

  /** For a board that comes back by itself: after a while says what to try, in the end gives up. */
  async #waitAfterReset(present: PresentDevice): Promise<PresentDevice> {
    const soonMs = this.#options.returnTimeoutMs ?? returnTimeoutMs;
    const soon = await this.#wait.forReturn(present, { timeoutMs: soonMs });
    if (soon !== null) return soon;
    this.#ask('press-reset');
    const lateMs = Math.min(this.#options.personTimeoutMs ?? personTimeoutMs, 6 * soonMs);
    const late = await this.#wait.forReturn(present, { timeoutMs: lateMs });
    if (late !== null) return late;
    throw this.#didNotReturn();
  }

  #waitForDoubleTap(present: PresentDevice): Promise<PresentDevice> {
    const { portPath, signal, personTimeoutMs: timeoutMs = personTimeoutMs } = this.#options;
    return waitForDoubleTap(this.#services, present, {
      ...{ portPath, timeoutMs, signal },
      ask: () => this.#ask('double-tap'),
      waitForReturn: (before, leftMs) => this.#wait.forReturn(before, { timeoutMs: leftMs }),
    });
  }

  /** What happens on the port meanwhile is told as it happens; what is asked for stays the same. */
  async #waitForJumper(present: PresentDevice): Promise<PresentDevice> {
    this.#ask('remove-jumper');
    const { clock } = this.#services;
    const deadlineMs = clock.nowMs() + (this.#options.personTimeoutMs ?? personTimeoutMs);
    for (let last = present; ;) {
      const back = await this.#wait.forReturn(last, { timeoutMs: Math.max(0, deadlineMs - clock.nowMs()) });
      if (back === null) break;
      if (boardMode(back.device) !== 'dfu') return back;
      this.#dfuSerial = back.device.serialNumber;
      last = back;
    }
    if (this.#watch.at(this.#options.portPath) === null) throw this.#didNotReturn();
    throw new CanopusError(
      'device/still-in-dfu',
      'The board is still in DFU: the BOOT0 jumper is set.',
      { portPath: this.#options.portPath },
      { state: this.state },
    );
  }

  #meet(device: UsbDevice): BoardMode {
    const mode = boardMode(device);
    if (mode === 'dfu') this.#dfuSerial = device.serialNumber;
    this.#learnUid(chipUid(device));
    this.#mode = mode;
    this.#options.onEvent({
      type: 'seen',
      mode,
      portPath: device.portPath,
      uid: this.#uid,
      canbusUuid: this.#uid === null ? null : canbusUuid(this.#uid),
      tty: device.tty,
    });
    return mode;
  }

  #learnUid(uid: string | null): void {
    if (uid === null) return;
    const contradicts =
      this.#uid === null ? dfuSerialFits(this.#dfuSerial, uid) === false : this.#uid !== uid;
    if (contradicts) {
      const before = this.#uid ?? `with the DFU serial number ${this.#dfuSerial ?? ''}`;
      throw new CanopusError(
        'device/returned-as-another',
        `Port ${this.#options.portPath} had the chip ${before}, now it has ${uid}.`,
        { portPath: this.#options.portPath, expectedUid: this.#uid, foundUid: uid },
        { state: this.state },
      );
    }
    this.#uid = uid;
    this.#options.backup?.learnUid(uid);
  }

  #ask(ask: Ask): void {
    this.#options.onEvent({ type: 'ask', ask, text: askWords[ask].text });
  }

  /** What this run has done to the board so far, between two steps. */
  get state(): BoardState {
    if (this.#klipper !== null) return stateWithApplication(this.#mode);
    return this.#katapult === null ? 'untouched' : stateWithKatapult(this.#mode);
  }

  /** Of what was written last; null where nothing was, or where the image does not say. */
  get #builtForHz(): number | null {
    const { katapult, klipper } = this.#images;
    if (this.#klipper !== null) return klipper.info.crystalHz;
    return this.#katapult === null ? null : (katapult?.info.crystalHz ?? null);
  }

  #didNotReturn(): CanopusError {
    const { portPath } = this.#options;
    return new CanopusError(
      'device/did-not-return',
      `No device came back on port ${portPath}.`,
      { portPath },
      { state: this.state },
    );
  }
}
