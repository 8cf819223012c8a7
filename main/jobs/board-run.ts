import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { boardMode, chipUid, dfuSerialFits, needsTty, type BoardMode } from '../../app/boards/board-mode.ts';
import { stateWithApplication, stateWithKatapult } from '../../app/boards/state-of-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, type BoardState } from '../../app/errors.ts';
import type { FlashReport } from '../../app/flash/flash-event.ts';
import { withCrystal } from '../../app/image/board-expectation.ts';
import { runsAs, type RunsAs } from '../../app/rescue/runs-as.ts';
import type { Sight } from '../../app/rescue/sight.ts';
import { askWords, type Ask } from '../../app/words.ts';
import type { LoadedImage } from './board-images.ts';
import { CrystalRescue, type RescueOptions, type RunImages } from './crystal-rescue.ts';
import type { PresentDevice } from './device-watch.ts';
import { isOnlyByHand, needsDoubleTap, waitForDoubleTap } from './double-tap.ts';
import { enterKatapult } from './enter-katapult.ts';
import { installKatapult, type InstallKatapultOptions } from './install-katapult.ts';
import { installKlipper } from './install-klipper.ts';
import type { JobServices } from './job-services.ts';
import { PortWait } from './port-wait.ts';
import { wrongDevice } from './wrong-device.ts';

export interface RunOptions
  extends
    Pick<InstallKatapultOptions, 'backup' | 'confirmReadUnprotect' | 'checkTarget'>,
    Omit<RescueOptions, 'personTimeoutMs'> {
  /** Called before other images than were ordered are written: those that a search tries, and those for what it found. */
  readonly onImages?: ((images: Pick<RunImages, 'katapult' | 'klipper'>) => void) | undefined;
  /** How long a person may take for the jumper and the power. */
  readonly personTimeoutMs?: number | undefined;
  /** How long a board may take to come back by itself after a reset. */
  readonly returnTimeoutMs?: number | undefined;
}

export interface RunEnd {
  readonly device: UsbDevice | null;
  readonly uid: string | null;
  /** Of the Klipper that was written. */
  readonly mcu: string | null;
  /** Null where the Katapult that was already on the board was kept. */
  readonly katapult: FlashReport | null;
  readonly klipper: FlashReport;
  /** The board's crystal, where a search found it. */
  readonly crystalHz: number | null;
}

/** Real boards enumerate within 2 s; slow hubs and a loaded computer have been seen to need 8 s. */
const returnTimeoutMs = 10_000;
const personTimeoutMs = 15 * 60_000;
/** How long Windows may take to find and start the driver of a serial port that it meets for the first time. */
const ttyTimeoutMs = 30_000;
/** A Klipper that still runs after so many requests for Katapult has none below it. */
const maxEntries = 3;

/** Said where nothing can be seen of what was written. */
const neverOnUsb = {
  'can-node': 'This Klipper is a node on a CAN bus: it never shows on USB. Look for it on its bus.',
  'no-usb': 'This Klipper has no USB: whether it runs cannot be seen here.',
  'not-told': 'This image does not say whether it uses USB: whether it runs cannot be seen here.',
} as const satisfies Record<Extract<RunsAs, { mode: null }>['why'], string>;

/** Takes one board from whatever mode it is in to running what was ordered. */
export class BoardRun {
  readonly #services: JobServices;
  readonly #options: RunOptions;
  readonly #wait: PortWait;
  readonly #rescue: CrystalRescue;
  #images: RunImages;
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
    const { portPath, signal } = options;
    this.#wait = new PortWait({ ...services, portPath, signal, onSight: (sight) => this.#see(sight) });
    this.#rescue = new CrystalRescue(
      services,
      { ...options, personTimeoutMs: this.#personTimeoutMs },
      {
        wait: this.#wait,
        images: () => this.#images,
        writtenHz: () => (this.#katapult === null ? null : (this.#images.katapult?.info.crystalHz ?? null)),
        ask: (ask) => this.#ask(ask),
        write: (image, board) => this.#writeCandidate(board, image),
      },
    );
  }

  /**
   * The board as it runs what was written; `device` is null where that shows nothing on USB. Rejects as `flashBoard`
   * does, without the board's state: that is `state`.
   */
  async toRunning(): Promise<RunEnd> {
    const device = await this.#toDevice();
    const { portPath, onEvent } = this.#options;
    onEvent({ type: 'step', step: 'done', portPath });
    const klipper = this.#klipper;
    if (klipper === null) throw new Error('a board runs before anything was written');
    const { crystalHz } = this.#rescue;
    const mcu = this.#images.klipper.info.mcu;
    return { device, uid: this.#uid, mcu, katapult: this.#katapult, klipper, crystalHz };
  }

  async #toDevice(): Promise<UsbDevice | null> {
    const { portPath, onEvent, search } = this.#options;
    let present = await this.#whenUsable();
    if (search?.when === 'at-once' && !isAlive(present)) present = await this.#search();
    if (present === null) {
      throw new CanopusError('device/not-found', `Nothing is plugged into port ${portPath}.`, { portPath });
    }
    for (;;) {
      const wanted = runsAs(this.#images.klipper.info);
      if (this.#klipper !== null && wanted.mode === null) {
        onEvent({ type: 'note', text: neverOnUsb[wanted.why] });
        return null;
      }
      // That it is in DFU again was told as what it is.
      const isDfuAgain = boardMode(present.device) === 'dfu' && this.state !== 'untouched';
      const mode = isDfuAgain ? 'dfu' : this.#meet(present.device);
      if (this.#klipper !== null && mode === wanted.mode) return present.device;
      present = await this.#advance(mode, present);
    }
  }

  /** What is on the port, with its serial port where it needs one: Windows may take seconds to install a driver. */
  async #whenUsable(): Promise<PresentDevice | null> {
    const { watch } = this.#services;
    const { portPath, signal } = this.#options;
    const usable = await watch.waitFor(
      () => {
        const now = watch.at(portPath);
        if (now === null) return { present: null };
        return needsTty(boardMode(now.device)) && now.device.tty === null ? null : { present: now };
      },
      { timeoutMs: ttyTimeoutMs, signal },
    );
    return usable === null ? watch.at(portPath) : usable.present;
  }

  /** One step from the mode the board is in; answers the board as it came back. */
  async #advance(mode: BoardMode, present: PresentDevice): Promise<PresentDevice> {
    const { portPath } = this.#options;
    switch (mode) {
      case 'dfu': {
        if (this.#klipper !== null || this.#katapult !== null) return this.#waitForJumper(present);
        const { katapult } = this.#images;
        if (katapult !== null) return this.#installKatapult(present, katapult);
        throw new CanopusError(
          'device/wrong-mode',
          `The board on port ${portPath} is in DFU; Klipper is written through Katapult.`,
          { portPath, mode, wanted: 'katapult' },
          { state: 'untouched' },
        );
      }
      case 'katapult':
        if (this.#klipper !== null) {
          if (this.#options.search !== undefined && this.#rescue.isForAnotherCrystal) return this.#search();
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
        throw wrongDevice(present.device, this.state);
    }
  }

  async #installKatapult(present: PresentDevice, image: LoadedImage): Promise<PresentDevice> {
    await this.#writeKatapult(present, image);
    const timeoutMs = this.#options.returnTimeoutMs ?? returnTimeoutMs;
    const back = await this.#wait.forReturn(present, { timeoutMs, until: this.#rescue.wanted });
    if (back !== null && boardMode(back.device) !== 'dfu') return back;
    return this.#waitForJumper(back ?? present);
  }

  async #writeKatapult(present: PresentDevice, image: LoadedImage): Promise<void> {
    const { portPath, signal, onEvent } = this.#options;
    const { board } = this.#images;
    const isFirst = this.#katapult === null;
    onEvent({ type: 'step', step: 'install-katapult', portPath });
    this.#mode = 'dfu';
    this.#katapult = await installKatapult(this.#services, {
      ...this.#options,
      image,
      board,
      checkTarget: (target) => {
        this.#learnUid(target.uid);
        // It was looked at when the board came; a search brings the same board back again and again.
        if (isFirst) this.#options.checkTarget?.(target);
      },
      signal,
      onEvent,
    });
    this.#wait.restarted(present);
    this.#learnUid(this.#katapult.uid);
    // Whoever looks on can follow the board by it from here on, wherever it comes back.
    if (this.#uid !== null) this.#meet(present.device);
  }

  async #installKlipper(present: PresentDevice): Promise<PresentDevice> {
    const { portPath, backup, signal, onEvent } = this.#options;
    const others = await this.#rescue.meetKatapult();
    if (others !== null) this.#take(others);
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
    const until = this.#klipper === null ? undefined : this.#rescue.wanted;
    const isWanted = (): boolean => until?.aborted === true;
    const wait = (timeoutMs: number) => this.#wait.forReturn(present, { timeoutMs, until });
    const [soonMs, longMs] = [this.#options.returnTimeoutMs ?? returnTimeoutMs, this.#personTimeoutMs];
    let back = await wait(soonMs);
    if (back === null && !isWanted()) {
      this.#ask('press-reset');
      back = await wait(Math.min(longMs, 6 * soonMs));
    }
    // A person who has been offered a search may think about it.
    if (back === null && !isWanted() && this.#rescue.isOffered) back = await wait(longMs);
    if (back === null && isWanted()) return this.#search();
    if (back === null) throw this.#didNotReturn();
    return back;
  }

  #waitForDoubleTap(present: PresentDevice): Promise<PresentDevice> {
    const { portPath, signal } = this.#options;
    return waitForDoubleTap(this.#services, present, {
      ...{ portPath, timeoutMs: this.#personTimeoutMs, signal },
      ask: () => this.#ask('double-tap'),
      waitForReturn: (before, timeoutMs) => this.#wait.forReturn(before, { timeoutMs }),
    });
  }

  /** What happens on the port meanwhile is told as it happens; what is asked for stays the same. */
  async #waitForJumper(present: PresentDevice): Promise<PresentDevice> {
    const until = this.#rescue.wanted;
    const isWanted = (): boolean => until.aborted;
    if (isWanted()) return this.#search();
    this.#ask('remove-jumper');
    const { clock } = this.#services;
    const deadlineMs = clock.nowMs() + this.#personTimeoutMs;
    for (let last = present; ;) {
      const timeoutMs = Math.max(0, deadlineMs - clock.nowMs());
      const back = await this.#wait.forReturn(last, { timeoutMs, until });
      if (isWanted() && (back === null || boardMode(back.device) === 'dfu')) return this.#search();
      if (back === null) break;
      if (boardMode(back.device) !== 'dfu') return back;
      this.#dfuSerial = back.device.serialNumber;
      last = back;
    }
    if (this.#services.watch.at(this.#options.portPath) === null) throw this.#didNotReturn();
    throw new CanopusError(
      'device/still-in-dfu',
      'The board is still in DFU: the BOOT0 jumper is set.',
      { portPath: this.#options.portPath },
      { state: this.state },
    );
  }

  /** What is seen while the board is waited for. */
  #see(sight: Sight): void {
    if (this.#rescue.isSearching) return;
    const { portPath, onEvent } = this.#options;
    onEvent({ type: 'sight', sight, portPath, builtForHz: this.#builtForHz });
    if (this.state !== 'untouched') this.#rescue.see(sight);
  }

  /** Has the board's crystal found; it is in Katapult then, with Klipper for it still to be written. */
  async #search(): Promise<PresentDevice> {
    const { board, crystalHz } = await this.#rescue.search();
    if (crystalHz === null) return board;
    this.#mode = 'katapult';
    this.#klipper = null;
    this.#take(await this.#rescue.imagesFor(crystalHz));
    return board;
  }

  /** Writes one of the Katapults that a search tries. */
  async #writeCandidate(present: PresentDevice, image: LoadedImage): Promise<void> {
    const { crystalHz } = image.info;
    const { board } = this.#images;
    this.#take({
      ...this.#images,
      katapult: image,
      board: crystalHz === null ? board : withCrystal(board, crystalHz),
    });
    this.#klipper = null;
    await this.#writeKatapult(present, image);
  }

  #take(images: RunImages): void {
    this.#images = images;
    this.#options.onImages?.(images);
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

  get #personTimeoutMs(): number {
    return this.#options.personTimeoutMs ?? personTimeoutMs;
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

/** A board that shows Katapult or Klipper has told its crystal, or can be asked for it. */
function isAlive(present: PresentDevice | null): boolean {
  return present !== null && boardMode(present.device) !== 'dfu';
}
