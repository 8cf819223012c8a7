import { zlibSync } from 'fflate';
import { encodeCommand } from '../../../app/protocols/klipper/command.ts';
import {
  encodeBlock,
  sequenceAfter,
  type MessageBlock,
} from '../../../app/protocols/klipper/message-block.ts';
import { encodeVlq, readVlq } from '../../../app/protocols/klipper/vlq.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import { ConsoleReader } from './console-reader.ts';

/** What the firmware counts of its controller, since its start (src/generic/canserial.c, `canbus_status`). */
export interface ControllerCounts {
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly txRetries: number;
  /** An index into `canbus_bus_state`: active, warn, passive, off. */
  readonly state: number;
}

interface KlipperConsoleOptions {
  readonly mcu: McuName;
  readonly softwareVersion: string;
  /** Bytes of the stream from this node. */
  readonly send: (bytes: Uint8Array) => void;
  /** Null: firmware before `get_canbus_status` (January 2025). */
  readonly counts: (() => ControllerCounts) | null;
  readonly reset: () => void;
}

const id = {
  identifyResponse: 0,
  identify: 1,
  getUptime: 5,
  getCanbusStatus: 8,
  reset: 9,
  canbusStatus: 84,
} as const;

/** A response with more data than this does not fit its block. */
const mostData = 52;

/**
 * Klipper's own protocol as far as it goes before a configuration: it takes blocks in their order, acknowledges every one,
 * reads out its data dictionary, counts, and resets (facts: src/command.c, src/basecmd.c). Other commands change nothing.
 */
export class KlipperConsole {
  readonly #options: KlipperConsoleOptions;
  readonly #reader = new ConsoleReader();
  readonly #dictionary: Uint8Array;
  #sequence = 0;

  constructor(options: KlipperConsoleOptions) {
    this.#options = options;
    this.#dictionary = zlibSync(new TextEncoder().encode(JSON.stringify(dictionaryOf(options))));
  }

  /** Bytes of the stream to this node. */
  receive(bytes: Uint8Array): void {
    for (const found of this.#reader.push(bytes)) {
      if (found === 'damaged') this.#send(new Uint8Array(0));
      else this.#take(found);
    }
  }

  #take({ sequence, content }: MessageBlock): void {
    if (sequence === this.#sequence) {
      this.#sequence = sequenceAfter(sequence);
      this.#dispatch(content);
    }
    this.#send(new Uint8Array(0));
  }

  #dispatch(content: Uint8Array): void {
    const numbers: number[] = [];
    for (let at = 0; at < content.length;) {
      const number = readVlq(content, at);
      if (number === null) return;
      numbers.push(number.value);
      at = number.next;
    }
    const [command, first = 0, second = 0] = numbers;
    const { counts, reset } = this.#options;
    if (command === id.identify) this.#identify(first, second);
    else if (command === id.reset) reset();
    else if (command === id.getCanbusStatus && counts !== null) {
      const { rxErrors, txErrors, txRetries, state } = counts();
      this.#send(encodeCommand(id.canbusStatus, rxErrors, txErrors, txRetries, state));
    }
  }

  #identify(offset: number, count: number): void {
    const data = this.#dictionary.subarray(offset, offset + Math.min(count, mostData));
    this.#send(Uint8Array.from([id.identifyResponse, ...encodeVlq(offset), data.length, ...data]));
  }

  #send(content: Uint8Array): void {
    this.#options.send(encodeBlock({ sequence: this.#sequence, content }));
  }
}

/** The keys and shapes of Klipper's data dictionary (Klipper documentation, Protocol.md), with few entries. */
function dictionaryOf({ mcu, softwareVersion, counts }: KlipperConsoleOptions): Record<string, unknown> {
  const status = 'canbus_status rx_error=%u tx_error=%u tx_retries=%u canbus_bus_state=%u';
  return {
    app: 'Klipper',
    build_versions: 'synthetic sample',
    commands: {
      'identify offset=%u count=%c': id.identify,
      get_uptime: id.getUptime,
      reset: id.reset,
      ...(counts === null ? {} : { get_canbus_status: id.getCanbusStatus }),
    },
    config: { ADC_MAX: 4095, CLOCK_FREQ: 180_000_000, MCU: mcu },
    enumerations: counts === null ? {} : { canbus_bus_state: { active: 0, warn: 1, passive: 2, off: 3 } },
    license: 'MIT',
    responses: {
      'identify_response offset=%u data=%.*s': id.identifyResponse,
      ...(counts === null ? {} : { [status]: id.canbusStatus }),
    },
    version: softwareVersion,
  };
}
