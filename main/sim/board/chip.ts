import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { mcuFacts } from '../../../app/mcu/mcu.ts';
import { isRpMcu, whyNotStarted, type RpMcu } from '../../../app/mcu/rp-boot.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import type { BoardConfig } from '../bench-config.ts';
import type { UsbFunction } from '../bus/usb-function.ts';
import { firmwareNames, type FirmwareNames } from '../cdc/cdc-descriptors.ts';
import { CanBus } from '../can/can-bus.ts';
import type { FaultMode } from '../fault.ts';
import { FlashController } from '../flash/flash-controller.ts';
import type { Flash } from '../flash/flash.ts';
import { katapultOnUsb } from '../katapult/katapult-usb.ts';
import { KlipperBridge } from '../klipper/bridge.ts';
import { klipperOnUsbSerial } from '../klipper/klipper-serial.ts';
import { BootRom } from '../boot-rom/boot-rom.ts';
import { RomDfu } from '../rom-dfu/rom-dfu.ts';
import type { ChipMemory } from '../rom-dfu/rom-memory.ts';
import { Timeline } from '../time/timeline.ts';
import { takeFromCard, type CardBootloader } from './card-slot.ts';
import { looksStartable, ProgramReader, type Program } from './program.ts';

interface ChipOptions {
  readonly config: BoardConfig;
  readonly clock: Clock;
  readonly timeScale: number;
  readonly flash: Flash;
  readonly memory: ChipMemory;
  readonly faults: ArmedFaults;
  readonly canBus: CanBus;
  /** The folder of the SD card in its slot; null if it is empty. */
  readonly card: () => string | null;
  /** The level of the BOOT0 pin. */
  readonly boot0: () => boolean;
  /** A program shows itself on USB. */
  readonly show: (mode: FaultMode, fn: UsbFunction) => void;
  /** The USB device is gone; `why` in words. */
  readonly hide: (state: 'off' | 'starting' | 'silent', why: string) => void;
  /** The running program pulls the data line up but never replies. */
  readonly pullUp: () => void;
  /** A fault pulls the cable. */
  readonly unplug: () => void;
}

/** A word that firmware leaves in RAM for the next start; lost without power. */
type BootRequest = 'none' | 'stay-in-katapult' | 'start-application' | 'rom';

/** As much as a boot ROM looks at. */
const bootBytes = 16 * 1024;
const startMs = 5;
/** From the acknowledgement of the host's request to the device leaving the bus. Real time, whatever the scale. */
const leaveMs = 5;
const completeMs = 100;
const doubleTapWindow = { opensMs: 10, closesMs: 500 } as const;

/**
 * The processor: after every reset it decides what runs, from the BOOT0 pin, the flash and what firmware left in RAM.
 * ROM, Katapult and Klipper ask it for resets and jumps.
 *
 * Facts: Katapult src/bootentry.c and src/generic/armcm_canboot.c, Klipper src/generic/armcm_reset.c and
 * src/stm32/dfu_reboot.c, ST RM0090 section 2.4 (boot configuration).
 */
export class Chip {
  readonly #options: ChipOptions;
  readonly #programs: ProgramReader;
  readonly #controller: FlashController;
  #request: BootRequest = 'none';
  /** Aborted when the running program ends: by reset, power loss or a jump. */
  #running = new AbortController();

  constructor(options: ChipOptions) {
    this.#options = options;
    const { clock, timeScale, flash, config } = options;
    this.#programs = new ProgramReader(flash, config);
    this.#controller = new FlashController(
      flash,
      clock,
      new Timeline(clock, timeScale),
      mcuFacts[config.mcu].timing,
    );
  }

  reset(): void {
    this.#run(async (signal) => {
      await this.#sleep(startMs, signal);
      if (this.#options.boot0() || this.#isBlank) this.#startRom(signal);
      else await this.#runFlash(signal);
    });
  }

  /** Where flash begins. */
  get #start(): number {
    return mcuFacts[this.#options.config.mcu].memory.flash.start;
  }

  /** The boot ROM of an RP2040 or RP2350 finds nothing to start, and stays. */
  get #isBlank(): boolean {
    const { config, flash } = this.#options;
    return isRpMcu(config.mcu) && whyNotStarted(flash.read(this.#start, bootBytes), config.mcu) !== null;
  }

  /** Two resets within the half second that Katapult waits for the second; for any other program, just a reset. */
  doubleTap(): void {
    const tapped = !this.#options.boot0() && this.#programs.at(this.#start).type === 'katapult';
    if (tapped) this.#request = 'stay-in-katapult';
    this.reset();
  }

  powerOff(): void {
    this.#request = 'none';
    this.#running.abort(new Error('no power'));
    this.#options.hide('off', 'it has no power');
  }

  /** Ends the running program and starts another, which ends with its signal. */
  #run(next: (signal: AbortSignal) => Promise<void>): void {
    this.#running.abort(new Error('the program ended'));
    this.#options.hide('starting', 'it is starting');
    this.#running = new AbortController();
    const { signal } = this.#running;
    next(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Starts the program at the beginning of flash, as reset does and as leaving DFU does. */
  async #runFlash(signal: AbortSignal): Promise<void> {
    const program = this.#programs.at(this.#start);
    const { cardBootloader } = this.#options.config;
    if (cardBootloader !== undefined && !looksStartable(this.#options.flash, this.#start)) {
      this.#runMakersBootloader(cardBootloader, signal);
      return;
    }
    if (program.type !== 'katapult') {
      this.#show(program, signal);
      return;
    }
    const request = this.#request;
    this.#request = 'none';
    if (request === 'start-application') {
      this.#show(this.#programs.at(program.launchAddress), signal);
      return;
    }
    if (request === 'stay-in-katapult' || !looksStartable(this.#options.flash, program.launchAddress)) {
      this.#show(program, signal);
      return;
    }
    await this.#sleep(doubleTapWindow.opensMs, signal);
    this.#request = 'stay-in-katapult';
    await this.#sleep(doubleTapWindow.closesMs - doubleTapWindow.opensMs, signal);
    this.#request = 'start-application';
    this.reset();
  }

  #runMakersBootloader(bootloader: CardBootloader, signal: AbortSignal): void {
    const { flash, card } = this.#options;
    const address = this.#start + bootloader.offsetKiB * 1024;
    const folder = card();
    const bytes = folder === null ? null : takeFromCard(folder, bootloader);
    if (bytes !== null) flash.load(address, bytes);
    this.#show(this.#programs.at(address), signal);
  }

  #show(program: Program, signal: AbortSignal): void {
    const { hide, pullUp, show } = this.#options;
    if (program.type === 'silent') {
      hide('silent', program.why);
      if (program.pullsUp) pullUp();
    } else if (program.type === 'katapult') {
      this.#showKatapult(program, signal);
    } else if (this.#request === 'rom') {
      this.#request = 'none';
      this.#startRom(signal);
    } else if (program.role === 'node') {
      hide('silent', 'the program is a node on a CAN bus');
    } else if (program.role === 'serial') {
      show(
        'klipper-serial',
        klipperOnUsbSerial(this.#klipperNames(), () => this.#requestBootloader(signal)),
      );
    } else {
      this.#showBridge(program, signal);
    }
  }

  /** BOOT0 is high. */
  #startRom(power: AbortSignal): void {
    const { config, hide } = this.#options;
    if (isRpMcu(config.mcu)) this.#showBootRom(config.mcu, power);
    else if (mcuFacts[config.mcu].romDfu === null) hide('silent', 'its ROM does not use USB');
    else this.#showRom(power);
  }

  #showBootRom(mcu: RpMcu, power: AbortSignal): void {
    const { config, flash, clock, timeScale, faults, unplug, show } = this.#options;
    const rom = new BootRom({
      ...{ mcu, flash, clock, timeScale, faults, power, unplug },
      chipId: config.uid.toUpperCase(),
      restart: (delayMs, into) =>
        this.#after(delayMs * timeScale, power, () => {
          if (into === 'flash') this.reset();
          else this.#run((signal) => this.#enterRom(signal));
        }),
    });
    show('bootsel', rom);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a program may start at once
  async #enterRom(signal: AbortSignal): Promise<void> {
    this.#startRom(signal);
  }

  #showRom(power: AbortSignal): void {
    const { config, memory, clock, timeScale, faults, unplug, show } = this.#options;
    const rom = new RomDfu({
      mcu: config.mcu,
      chip: memory,
      clock,
      timeScale,
      controller: this.#controller,
      faults,
      power,
      uidReadable: config.uidReadable,
      rom: config.rom,
      start: (address, answerFirst) => this.#leaveRom(address, answerFirst ? leaveMs : 0, power),
      reset: () => this.reset(),
      unplug,
    });
    show('dfu', rom);
  }

  /** The ROM jumps without a reset: the jumper does not matter. */
  #leaveRom(address: number, afterMs: number, power: AbortSignal): void {
    const jump = () =>
      this.#run(async (signal) => {
        if (address === this.#start) await this.#runFlash(signal);
        else this.#show(this.#programs.at(address), signal);
      });
    if (afterMs === 0) jump();
    else this.#after(afterMs, power, jump);
  }

  #showKatapult(program: Extract<Program, { type: 'katapult' }>, power: AbortSignal): void {
    const { config, memory, faults, unplug, show } = this.#options;
    const { launchAddress, protocolVersion, softwareVersion } = program;
    const fn = katapultOnUsb(
      {
        build: {
          mcu: config.mcu,
          launchAddress,
          blockSize: 64,
          protocolVersion,
          softwareVersion,
          canbusUuid: null,
        },
        controller: this.#controller,
        faults,
        power,
        complete: () => this.#completeKatapult(power),
        unplug,
      },
      memory.uid,
    );
    show('katapult', fn);
  }

  #completeKatapult(power: AbortSignal): void {
    this.#after(completeMs * this.#options.timeScale, power, () => {
      this.#request = 'start-application';
      this.reset();
    });
  }

  #showBridge(program: Extract<Program, { type: 'klipper' }>, power: AbortSignal): void {
    const { config, faults, unplug, show, canBus, clock, timeScale } = this.#options;
    // Firmware for other pins drives pins without a transceiver.
    const wired = program.pins?.every((pin, index) => pin === config.canPins[index]) ?? true;
    const bus = wired ? canBus : new CanBus({ clock, timeScale });
    const bridge = new KlipperBridge({
      names: this.#klipperNames(),
      canbusUuid: config.canbusUuid ?? canbusUuid(config.uid),
      bitrateBps: program.bitrateBps ?? config.bitrateBps,
      softwareVersion: program.softwareVersion,
      bus,
      clock,
      timeScale,
      faults,
      mcu: config.mcu,
      requestBootloader: () => this.#requestBootloader(power),
      restart: () => {
        if (!power.aborted) this.reset();
      },
      unplug,
    });
    power.addEventListener('abort', () => bridge.leaveBus(), { once: true });
    show('can-bridge', bridge);
  }

  /** The USB name of its Klipper. */
  #klipperNames(): FirmwareNames {
    const { config, memory } = this.#options;
    const usual = firmwareNames('Klipper', config.mcu, memory.uid);
    const { manufacturer = usual.manufacturer, product = usual.product, serial = usual.serial } = config;
    return { manufacturer, product, serial };
  }

  /** Klipper asks for the Katapult below it, or for the ROM if there is none. */
  #requestBootloader(power: AbortSignal): void {
    this.#after(leaveMs, power, () => {
      this.#request = this.#programs.at(this.#start).type === 'katapult' ? 'stay-in-katapult' : 'rom';
      this.reset();
    });
  }

  /** Does something later, unless the program has ended by then. */
  #after(ms: number, power: AbortSignal, action: () => void): void {
    this.#options.clock.sleep(ms, power).then(action, () => undefined);
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#options.clock.sleep(ms * this.#options.timeScale, signal);
  }
}
