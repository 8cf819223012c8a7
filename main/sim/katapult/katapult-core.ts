import { answerCode } from '../../../app/protocols/katapult/answer.ts';
import { commandCode } from '../../../app/protocols/katapult/command.ts';
import { encodeFrame } from '../../../app/protocols/katapult/frame.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import { corrupted } from '../bus/attached-device.ts';
import type { SerialFirmware } from '../cdc/cdc-function.ts';
import type { FlashController } from '../flash/flash-controller.ts';
import { writesWholePages } from '../../../app/mcu/stm32-katapult.ts';
import { KatapultFlash } from './katapult-flash.ts';
import { RpKatapultFlash } from './rp-katapult-flash.ts';
import { BusFault, type KatapultStorage } from './katapult-storage.ts';
import { KatapultParser } from './katapult-parser.ts';

/** The properties of one build of Katapult. */
export interface KatapultBuild {
  readonly mcu: string;
  /** Where it starts the application. */
  readonly launchAddress: number;
  /** 64 in every build for STM32. */
  readonly blockSize: number;
  /** 0x00010100 is 1.1.0. */
  readonly protocolVersion: number;
  /** Not reported before protocol 1.1.0. */
  readonly softwareVersion: string;
  /** The reply of builds for CAN to GET_CANBUS_ID: 6 bytes. Null in builds for USB. */
  readonly canbusUuid: Uint8Array | null;
}

export interface KatapultOptions {
  readonly build: KatapultBuild;
  readonly controller: FlashController;
  readonly faults: ArmedFaults;
  /** Aborted when the chip is reset or loses power. */
  readonly power: AbortSignal;
  readonly respond: (frame: Uint8Array) => void;
  /** COMPLETE was acknowledged: resets into the application after 100 ms. */
  readonly complete: () => void;
  readonly unplug: () => void;
}

/** The bytes behind a block in SEND_BLOCK: the frame and the address. */
const frameOverhead = 12;

/**
 * Katapult's commands over any byte transport (facts: protocol.md, src/command.c, src/flashcmd.c). One command after
 * another; slow ones block the device.
 */
export class KatapultCore implements SerialFirmware {
  readonly #options: KatapultOptions;
  readonly #parser: KatapultParser;
  readonly #flash: KatapultStorage;

  constructor(options: KatapultOptions) {
    this.#options = options;
    this.#parser = new KatapultParser(receiveBytesOf(options.build));
    const { blockSize, mcu } = options.build;
    const Storage = writesWholePages(mcu) ? RpKatapultFlash : KatapultFlash;
    this.#flash = new Storage({ ...options, mcu, blockSize });
  }

  take(received: Uint8Array): number | null | Promise<number | null> {
    const found = this.#parser.look(received);
    switch (found.type) {
      case 'more':
        return null;
      case 'bad':
        if (found.nack) this.#respond(answerCode.nack, answerCode.nack);
        return found.skip;
      case 'frame': {
        const frame = received.slice(0, found.length);
        const work = this.#handle(frame[2] ?? 0, frame.subarray(4, found.length - 4));
        return work instanceof Promise ? work.then(() => found.length) : found.length;
      }
    }
  }

  #handle(command: number, payload: Uint8Array): void | Promise<void> {
    const { faults, unplug, complete } = this.#options;
    if (faults.unplugWithin('katapult', 'request', 1) !== null) unplug();
    if (faults.count('busy-answer', 'katapult', command)) {
      this.#respond(answerCode.busy, command);
      return;
    }
    switch (command) {
      case commandCode.connect:
        this.#acknowledge(command, this.#describe());
        return;
      case commandCode.sendBlock:
        return this.#untilReset(() => this.#sendBlock(payload));
      case commandCode.requestBlock:
        return this.#untilReset(() => this.#requestBlock(payload));
      case commandCode.eof:
        return this.#untilReset(async () => this.#acknowledge(command, word(await this.#flash.complete())));
      case commandCode.complete:
        if (faults.unplugWithin('katapult', 'leave', 1) !== null) unplug();
        this.#acknowledge(command, new Uint8Array(0));
        complete();
        return;
      case commandCode.getCanbusId: {
        const { canbusUuid } = this.#options.build;
        if (canbusUuid === null) this.#respond(answerCode.commandError, command);
        else this.#acknowledge(command, Uint8Array.of(...canbusUuid, 0, 0));
        return;
      }
      default:
        this.#respond(answerCode.commandError, command);
    }
  }

  async #sendBlock(payload: Uint8Array): Promise<void> {
    const { build } = this.#options;
    const address = readWord(payload);
    const done =
      payload.length === build.blockSize + 4 &&
      address >= build.launchAddress &&
      (await this.#flash.write(address, payload.subarray(4)));
    if (done) this.#acknowledge(commandCode.sendBlock, word(address));
    else this.#respond(answerCode.commandError, commandCode.sendBlock);
  }

  #requestBlock(payload: Uint8Array): void {
    const { faults, unplug } = this.#options;
    const address = readWord(payload);
    const block = this.#flash.read(address);
    if (faults.unplugWithin('katapult', 'read', block.length) !== null) unplug();
    const answer = new Uint8Array(4 + block.length);
    answer.set(word(address));
    answer.set(block, 4);
    this.#acknowledge(commandCode.requestBlock, answer);
  }

  /** Work that ends in a hang or a power loss never returns. */
  #untilReset(work: () => void | Promise<void>): void | Promise<void> {
    const hang = (error: unknown): Promise<void> => {
      if (error instanceof BusFault || this.#options.power.aborted) return new Promise(() => undefined);
      throw error;
    };
    try {
      const running = work();
      return running instanceof Promise ? running.catch(hang) : running;
    } catch (error) {
      return hang(error);
    }
  }

  #describe(): Uint8Array {
    const { build } = this.#options;
    const told = build.protocolVersion >= 0x00010100 ? [...word(0), ...text(build.softwareVersion)] : [];
    return Uint8Array.of(
      ...word(build.protocolVersion),
      ...word(build.launchAddress),
      ...word(build.blockSize),
      ...text(build.mcu),
      ...told,
    );
  }

  #acknowledge(command: number, data: Uint8Array): void {
    const payload = new Uint8Array(4 + data.length);
    payload.set(word(command));
    payload.set(data, 4);
    this.#respond(answerCode.ack, command, payload);
  }

  #respond(code: number, command: number, payload: Uint8Array = new Uint8Array(0)): void {
    const { faults, power, respond } = this.#options;
    if (power.aborted) return;
    const frame = encodeFrame(code, payload);
    if (faults.count('lost-answer', 'katapult', command)) return;
    const corrupt = faults.count('corrupt-answer', 'katapult', command);
    respond(corrupt ? corrupted(frame, corrupt.offset, corrupt.xor) : frame);
  }
}

/** The receive buffer of a build: 128 bytes, more only if a block needs it. */
export function receiveBytesOf(build: KatapultBuild): number {
  const frameBytes = build.blockSize + frameOverhead;
  return frameBytes <= 128 ? 128 : frameBytes + 64;
}

function readWord(payload: Uint8Array): number {
  return payload.length < 4 ? 0 : new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

/** Padded with zeros to whole words; no zero if the text fills them. */
function text(value: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(value.length / 4) * 4);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
}
