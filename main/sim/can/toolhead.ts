import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import type { CanFrame } from '../../../app/transport/can-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { ArmedFaults } from '../armed-faults.ts';
import { FlashController } from '../flash/flash-controller.ts';
import { Flash } from '../flash/flash.ts';
import { KatapultCore } from '../katapult/katapult-core.ts';
import { Timeline } from '../time/timeline.ts';
import type { CanBus, CanParticipant } from './can-bus.ts';
import { CanSerial } from './can-serial.ts';

interface ToolheadOptions {
  /** 12 hex digits. */
  readonly uuid: string;
  /** The program that runs first. */
  readonly application: 'klipper' | 'katapult';
  readonly bitrateBps: number;
  readonly mcu: string;
  readonly bus: CanBus;
  readonly clock: Clock;
  readonly timeScale: number;
}

const launchAddress = flashStart + 0x2000;
const receiveBytes = 192;
const restartMs = 20;

/**
 * Another board on the CAN bus: Klipper, or Katapult with 128 KiB of flash that can be written over CAN. Changes
 * between the two as a real one does: by "request bootloader", by COMPLETE.
 */
export class Toolhead implements CanParticipant {
  readonly bitrateBps: number;
  readonly uuid: string;
  readonly flash = new Flash(128);
  readonly #options: ToolheadOptions;
  readonly #life = new AbortController();
  readonly #detach: () => void;
  #program = new AbortController();
  #serial: CanSerial;
  #application: 'klipper' | 'katapult';

  constructor(options: ToolheadOptions) {
    this.#options = options;
    this.uuid = options.uuid;
    this.bitrateBps = options.bitrateBps;
    this.#application = options.application;
    // A running Klipper is in flash: Katapult looks at its first word.
    if (options.application === 'klipper') this.flash.load(launchAddress, Uint8Array.of(0, 0, 2, 0x20));
    this.#serial = this.#start();
    this.#detach = options.bus.attach(this);
  }

  get application(): 'klipper' | 'katapult' {
    return this.#application;
  }

  get nodeId(): number | null {
    return this.#serial.nodeId;
  }

  receive(frame: CanFrame): void {
    this.#serial.receive(frame);
  }

  dispose(): void {
    this.#detach();
    this.#life.abort();
    this.#program.abort();
  }

  #start(): CanSerial {
    const { uuid, bus } = this.#options;
    const send = (frame: CanFrame) => bus.send(frame, this);
    const application = this.#application;
    if (application === 'klipper') {
      const requestBootloader = () => this.#restart('katapult');
      return new CanSerial({ uuid, application, send, received: () => undefined, requestBootloader });
    }
    const received = this.#katapult((bytes) => serial.sendBytes(bytes));
    const serial = new CanSerial({ uuid, application, send, received });
    return serial;
  }

  /** Katapult behind the byte stream. Returns the function that receives the stream's bytes. */
  #katapult(respond: (frame: Uint8Array) => void): (bytes: Uint8Array) => void {
    const { clock, timeScale, mcu, uuid } = this.#options;
    const { signal: power } = this.#program;
    const core = new KatapultCore({
      build: {
        mcu,
        launchAddress,
        blockSize: 64,
        protocolVersion: 0x00010100,
        softwareVersion: 'v0.0.1-109-g0000000',
        canbusUuid: Uint8Array.from(Buffer.from(uuid, 'hex')),
      },
      controller: new FlashController(this.flash, clock, new Timeline(clock, timeScale)),
      faults: new ArmedFaults(() => undefined),
      power,
      respond,
      complete: () => this.#restart('klipper'),
      unplug: () => undefined,
    });
    let buffer = new Uint8Array(0);
    let working: Promise<void> = Promise.resolve();
    return (bytes) => {
      // Bytes beyond the receive buffer are lost: CAN has no flow control.
      if (buffer.length + bytes.length > receiveBytes) return;
      buffer = Uint8Array.from([...buffer, ...bytes]);
      working = working.then(async () => {
        for (let done = 1; done > 0 && buffer.length > 0 && !power.aborted;) {
          done = (await core.take(buffer)) ?? 0;
          buffer = buffer.slice(done);
        }
      });
    };
  }

  #restart(application: 'klipper' | 'katapult'): void {
    const { clock, timeScale } = this.#options;
    this.#program.abort();
    this.#program = new AbortController();
    clock.sleep(restartMs * timeScale, this.#life.signal).then(
      () => {
        this.#application = application;
        this.#serial = this.#start();
      },
      () => undefined,
    );
  }
}
