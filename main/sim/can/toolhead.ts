import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import { maxFlashKiB, mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import type { CanFrame } from '../../../app/transport/can-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { ArmedFaults } from '../armed-faults.ts';
import { looksStartable, ProgramReader } from '../board/program.ts';
import { FlashController } from '../flash/flash-controller.ts';
import { Flash } from '../flash/flash.ts';
import { makeKatapultImage, makeKlipperImage } from '../sample-images.ts';
import { Timeline } from '../time/timeline.ts';
import { usualApplicationOffset, usualCrystalHz } from '../usual-crystal.ts';
import type { ControllerCounts } from '../klipper/klipper-console.ts';
import type { CanBus } from './can-bus.ts';
import type { CanPort } from './can-port.ts';
import { KatapultOnCan } from './katapult-on-can.ts';
import { KlipperOnCan } from './klipper-on-can.ts';
import type { CanNode } from './toolhead-config.ts';

interface ToolheadOptions extends CanNode {
  readonly mcu: McuName;
  readonly bus: CanBus;
  readonly clock: Clock;
  readonly timeScale: number;
}

/** `silent`: a program that is not on CAN, or half a program. */
type ToolheadProgram = 'klipper' | 'katapult' | 'silent' | 'starting' | 'off';

const startMs = 5;
/** How long Katapult waits for the second tap of reset before it starts an application (src/bootentry.c). */
const doubleTapMs = 500;
const completeMs = 100;

/**
 * Another board on the CAN bus: Katapult and, behind it, whatever its flash holds. It changes between the two as a real
 * one does: by "request bootloader", by COMPLETE, by its reset button; half an application starts and is silent.
 */
export class Toolhead {
  readonly uuid: string;
  readonly mcu: McuName;
  readonly flash: Flash;
  readonly faults = new ArmedFaults(() => undefined);
  readonly #options: ToolheadOptions;
  readonly #launchAddress: number;
  readonly #programs: ProgramReader;
  readonly #controller: FlashController;
  #program: ToolheadProgram = 'off';
  /** Aborted when the running program ends. */
  #running = new AbortController();
  #node: KatapultOnCan | KlipperOnCan | null = null;
  #port: CanPort | null = null;
  #isWired: boolean;

  constructor(options: ToolheadOptions) {
    const { uuid, mcu, clock, timeScale, bitrateBps } = options;
    this.#options = options;
    this.#launchAddress = flashStart + usualApplicationOffset(mcu);
    this.uuid = uuid;
    this.mcu = mcu;
    this.#isWired = options.wired;
    this.flash = Flash.of(mcu, maxFlashKiB(mcu));
    this.#programs = new ProgramReader(this.flash, { mcu, crystalHz: usualCrystalHz(mcu) });
    this.#controller = new FlashController(
      this.flash,
      clock,
      new Timeline(clock, timeScale),
      mcuFacts[mcu].timing,
    );
    if (options.katapult !== 'none') this.flash.load(flashStart, makeKatapultImage({ mcu }));
    if (options.application === 'klipper') {
      this.flash.load(this.#launchAddress, makeKlipperImage({ mcu, role: 'node', bitrateBps }));
      this.#startApplication(options.claimedAs);
    } else this.#startKatapult();
  }

  get application(): ToolheadProgram {
    return this.#program;
  }

  /** What its Klipper states about itself; null for any other program. */
  get softwareVersion(): string | null {
    const program = this.#program === 'klipper' ? this.#programs.at(this.#launchAddress) : null;
    return program?.type === 'klipper' ? program.softwareVersion : null;
  }

  get bitrateBps(): number {
    return this.#port?.bitrateBps ?? this.#options.bitrateBps;
  }

  get nodeId(): number | null {
    return this.#node?.nodeId ?? null;
  }

  get isBusOff(): boolean {
    return this.#port?.isBusOff ?? false;
  }

  /** Presses the reset button once. */
  reset(): void {
    this.#restart((signal) => this.#boot(signal));
  }

  /** Presses the reset button twice within half a second. */
  doubleTap(): void {
    this.#restart(() => this.#enterBootloader());
  }

  setPower(on: boolean): void {
    if (on) this.reset();
    else this.#end('off');
  }

  /** Connects both of its wires, or leaves one open. */
  setWired(isWired: boolean): void {
    this.#isWired = isWired;
    this.#port?.setWired(isWired);
  }

  dispose(): void {
    this.#end('off');
  }

  #end(next: ToolheadProgram): void {
    this.#running.abort(new Error('the program ended'));
    this.#port?.remove();
    this.#port = null;
    this.#node = null;
    this.#program = next;
  }

  #restart(next: (signal: AbortSignal) => void | Promise<void>): void {
    this.#end('starting');
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#sleep(startMs, signal)
      .then(() => next(signal))
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
  }

  async #boot(signal: AbortSignal): Promise<void> {
    const isStartable = looksStartable(this.flash, this.#launchAddress);
    if (this.#options.katapult !== 'none' && !isStartable) {
      this.#enterBootloader();
      return;
    }
    if (this.#options.katapult !== 'none') await this.#sleep(doubleTapMs, signal);
    this.#startApplication();
  }

  #enterBootloader(): void {
    if (this.#options.katapult === 'can') this.#startKatapult();
    else this.#program = 'silent';
  }

  #startApplication(claimedAs?: number): void {
    const program = this.#programs.at(this.#launchAddress);
    if (program.type !== 'klipper' || program.role !== 'node') {
      this.#program = 'silent';
      return;
    }
    const node = new KlipperOnCan({
      uuid: this.uuid,
      post: (frame) => this.#post(frame),
      mcu: this.mcu,
      softwareVersion: program.softwareVersion ?? '',
      counts: this.#options.countsErrors ? () => this.#counts() : null,
      reset: () => this.reset(),
      requestBootloader: () => {
        if (this.#options.katapult !== 'none') this.#restart(() => this.#enterBootloader());
      },
    });
    if (claimedAs !== undefined) node.claim(claimedAs);
    this.#run('klipper', node, program.bitrateBps ?? this.#options.bitrateBps);
  }

  #startKatapult(): void {
    const { mcu, uuid, bitrateBps, katapultVersion: softwareVersion } = this.#options;
    const { signal: power } = this.#running;
    const node = new KatapultOnCan({
      uuid,
      build: {
        ...{
          mcu,
          launchAddress: this.#launchAddress,
          softwareVersion,
          blockSize: 64,
          protocolVersion: 0x00010100,
        },
        canbusUuid: Uint8Array.from(Buffer.from(uuid, 'hex')),
      },
      controller: this.#controller,
      faults: this.faults,
      power,
      post: (frame) => this.#post(frame),
      // Only RP2040 and RP2350 run Katapult from RAM.
      receivesWhileWriting: mcuFacts[mcu].can.controller === 'pio',
      complete: () => {
        this.#sleep(completeMs, power).then(
          () => this.#restart(() => this.#startApplication()),
          () => undefined,
        );
      },
      unplug: () => this.setPower(false),
    });
    this.#run('katapult', node, bitrateBps);
  }

  #run(program: ToolheadProgram, node: KatapultOnCan | KlipperOnCan, bitrateBps: number): void {
    const { bus, mcu, delayMs, clock, timeScale } = this.#options;
    const { signal } = this.#running;
    this.#program = program;
    this.#node = node;
    this.#port = bus.attach({
      bitrateBps,
      recoversFromBusOff: mcuFacts[mcu].can.controller === 'bxcan',
      receive: (frame) => {
        if (delayMs === 0) node.receive(frame);
        else
          void clock.sleep(delayMs * timeScale).then(() => {
            if (!signal.aborted) node.receive(frame);
          });
      },
      sent: () => node.sent(),
    });
    if (!this.#isWired) this.#port.setWired(false);
  }

  #post(frame: CanFrame): boolean {
    return this.#port?.post(frame) ?? false;
  }

  #counts(): ControllerCounts {
    const { rxErrors = 0, txErrors = 0, state = 0 } = this.#port?.counts ?? {};
    return { rxErrors, txErrors, txRetries: txErrors, state };
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#options.clock.sleep(ms * this.#options.timeScale, signal);
  }
}
