import { picobootCommands, type PicobootCommand } from '../../../app/protocols/picoboot/command.ts';
import type { PicobootStatusName } from '../../../app/protocols/picoboot/status.ts';
import { encodeChipInfo } from '../../../app/protocols/picoboot/system-info.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import { corrupted } from '../bus/attached-device.ts';
import type { Flash } from '../flash/flash.ts';
import { Timeline } from '../time/timeline.ts';
import { BootRomMemory } from './boot-rom-memory.ts';
import type { RpName } from './boot-rom-descriptors.ts';
import { addressOf, sizeOf, wordAt } from './command-table.ts';
import { sectorBytes, SerialFlash } from './serial-flash.ts';

export interface BootRomOptions {
  readonly mcu: RpName;
  /** 16 upper-case hex digits; the RP2350's serial number. */
  readonly chipId: string;
  readonly flash: Flash;
  readonly clock: Clock;
  /** Multiplies all durations. */
  readonly timeScale: number;
  readonly faults: ArmedFaults;
  /** Aborted when the chip is reset or loses power. */
  readonly power: AbortSignal;
  /** Resets the chip after this time; `bootsel`: into the ROM again. */
  readonly restart: (delayMs: number, into: 'flash' | 'bootsel') => void;
  /** Pulls the cable. */
  readonly unplug: () => void;
}

const flashStart = 0x10000000;
const flashLimit = 0x20000000;
/** REBOOT2, type "bootsel" (boot/picoboot_constants.h). */
const rebootType = { mask: 0x0f, bootsel: 2 } as const;

/** The work of PICOBOOT's commands. */
export class PicobootTasks {
  readonly #options: BootRomOptions;
  readonly #memory: BootRomMemory;
  readonly #flash: SerialFlash;
  /** Flash is mapped into memory and takes no commands. */
  #isMapped = false;

  constructor(options: BootRomOptions) {
    const { flash, clock, timeScale, mcu } = options;
    this.#options = options;
    this.#memory = new BootRomMemory(mcu);
    this.#flash = new SerialFlash(flash, clock, new Timeline(clock, timeScale));
  }

  /** A command without data; a status if the ROM refuses it. EXEC runs no code, and without a drive EXCLUSIVE_ACCESS locks none. */
  async run({ id, args }: PicobootCommand, signal: AbortSignal): Promise<PicobootStatusName> {
    const { faults, unplug, restart } = this.#options;
    switch (id) {
      case picobootCommands.EXIT_XIP:
      case picobootCommands.ENTER_CMD_XIP:
        this.#isMapped = id === picobootCommands.ENTER_CMD_XIP;
        return 'OK';
      case picobootCommands.FLASH_ERASE:
        return this.#erase(addressOf(args), sizeOf(args), signal);
      case picobootCommands.REBOOT:
      case picobootCommands.REBOOT2: {
        if (faults.unplugWithin('bootsel', 'leave', 1) !== null) unplug();
        const isBootsel =
          id === picobootCommands.REBOOT2 && (wordAt(args, 0) & rebootType.mask) === rebootType.bootsel;
        restart(wordAt(args, id === picobootCommands.REBOOT ? 8 : 4), isBootsel ? 'bootsel' : 'flash');
        return 'OK';
      }
      default:
        return 'OK';
    }
  }

  /** `length` bytes of a READ or GET_INFO, from `done` on. */
  async read(
    { id, args }: PicobootCommand,
    done: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | PicobootStatusName> {
    const { faults, unplug, chipId } = this.#options;
    if (id === picobootCommands.GET_INFO) {
      const reply = new Uint8Array(length);
      reply.set(encodeChipInfo(chipId, 1).subarray(0, length));
      return args[0] === 1 ? reply : 'INVALID_ARG';
    }
    const address = addressOf(args) + done;
    const place = this.#memory.judge(address, length, false);
    if (place !== 'flash')
      return place === 'ram' || place === 'rom' ? this.#memory.read(address, length) : place;
    const bytes = this.#isMapped ? new Uint8Array(length) : await this.#flash.read(address, length, signal);
    if (faults.unplugWithin('bootsel', 'read', length) !== null) unplug();
    signal.throwIfAborted();
    const corrupt = done === 0 ? faults.count('corrupt-answer', 'bootsel', id) : null;
    return corrupt === null ? bytes : corrupted(bytes, corrupt.offset, corrupt.xor);
  }

  /** `bytes` of a WRITE, from `done` on. */
  async write(
    { args }: PicobootCommand,
    done: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<PicobootStatusName> {
    const { faults, unplug } = this.#options;
    const address = addressOf(args) + done;
    const place = this.#memory.judge(address, bytes.length, true);
    if (place === 'ram') this.#memory.write(address, bytes);
    if (place === 'ram') return 'OK';
    if (place !== 'flash') return place === 'rom' ? 'INVALID_ADDRESS' : place;
    if (this.#isMapped) return 'OK';
    const pulledAfter = faults.unplugWithin('bootsel', 'write', bytes.length);
    await this.#flash.program(address, pulledAfter === null ? bytes : bytes.subarray(0, pulledAfter), signal);
    if (pulledAfter !== null) unplug();
    signal.throwIfAborted();
    return 'OK';
  }

  async #erase(address: number, size: number, signal: AbortSignal): Promise<PicobootStatusName> {
    const { faults, unplug, flash } = this.#options;
    if (address % sectorBytes !== 0 || size % sectorBytes !== 0) return 'BAD_ALIGNMENT';
    if (address < flashStart || address + size > flashLimit) return 'INVALID_ADDRESS';
    if (this.#isMapped) return 'OK';
    for (let at = address; at < address + size; at += sectorBytes) {
      if (faults.unplugWithin('bootsel', 'erase', 1) !== null) {
        flash.erase(flash.sectorAt(this.#flash.wrapped(at)), sectorBytes / 2);
        unplug();
      }
      signal.throwIfAborted();
      await this.#flash.eraseSector(at, signal);
    }
    return 'OK';
  }
}
