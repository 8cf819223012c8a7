import { isCanopusError } from '../../../app/errors.ts';
import { mcuFacts, memoryOf, type McuName } from '../../../app/mcu/mcu.ts';
import type { ImageDescription } from '../../../app/image/image-info.ts';
import { describeImage } from '../../../app/image/inspect-image.ts';
import { findImageEnd } from '../../../app/image/start-up.ts';
import { readWords } from '../../../app/image/words.ts';
import { hiddenCrystal } from '../clock-code.ts';
import type { Flash } from '../flash/flash.ts';

/** The program that the processor finds at an address of flash. */
export type Program =
  | {
      readonly type: 'katapult';
      readonly launchAddress: number;
      readonly protocolVersion: number;
      readonly softwareVersion: string;
    }
  | {
      readonly type: 'klipper';
      readonly role: 'bridge' | 'node' | 'serial';
      /** Of a bridge or node, where the image says. */
      readonly bitrateBps: number | null;
      readonly pins: readonly [string, string] | null;
      readonly softwareVersion: string | null;
    }
  /**
   * A program that does not show on USB: `why` in words, for the log. `pullsUp`: it runs at a wrong speed and pulls the
   * data line up, so the host sees a device that it cannot enumerate.
   */
  | { readonly type: 'silent'; readonly why: string; readonly pullsUp: boolean };

/** The board around the flash, as far as programs depend on it. */
interface Surroundings {
  readonly mcu: McuName;
  readonly crystalHz: number;
}

/** No program for these chips is larger. */
const longestImageBytes = 256 * 1024;
/** Katapult fits before the lowest place of an application; any bytes behind it belong to another program. */
const firstSectorBytes = 8 * 1024;

/**
 * Judges by the bytes alone, like the real chip: a program that is truncated, or built for another address, chip or
 * crystal, does not show up on USB. Boards start the same flash again and again, so judgements are kept until flash
 * changes.
 */
export class ProgramReader {
  readonly #flash: Flash;
  readonly #board: Surroundings;
  readonly #known = new Map<number, Program>();
  #knownChanges = -1;

  constructor(flash: Flash, board: Surroundings) {
    this.#flash = flash;
    this.#board = board;
  }

  at(address: number): Program {
    if (this.#knownChanges !== this.#flash.changes) this.#known.clear();
    this.#knownChanges = this.#flash.changes;
    const program = this.#known.get(address) ?? judge(this.#flash, address, this.#board);
    this.#known.set(address, program);
    return program;
  }
}

function judge(flash: Flash, address: number, board: Surroundings): Program {
  let bytes = flash.readContent(address, firstSectorBytes);
  let image = describe(bytes);
  if (image?.kind !== 'katapult') {
    bytes = flash.readContent(address, longestImageBytes);
    image = describe(bytes);
  }
  if (image === null) return silent('there is no program');
  if (image.applicationAddress !== null && image.applicationAddress !== address) {
    return silent('the program belongs to another address');
  }
  if (image.truncation !== null || endIsMissing(bytes, address, board.mcu))
    return silent('the program is cut short');
  if (image.mcu !== null && image.mcu !== board.mcu) return silent(`the program is for ${image.mcu}`);
  const crystalHz = image.crystalHz ?? hiddenCrystal(readWords(bytes));
  if (crystalHz !== null && crystalHz !== board.crystalHz) {
    return silent(
      `the program is for a crystal of ${crystalHz} Hz, the board has ${board.crystalHz} Hz`,
      pllLocks(board, crystalHz),
    );
  }
  const isNode = image.kind === 'klipper' && image.can?.role === 'node';
  if (image.usb === false && !isNode) return silent('the program does not use USB');
  if (image.kind === 'katapult') {
    if (image.launchAddress === null) return silent('this Katapult does not say what it starts');
    return {
      type: 'katapult',
      launchAddress: image.launchAddress,
      // Builds before 1.1.0 have no version text.
      protocolVersion: image.version === null ? 0x00010000 : 0x00010100,
      softwareVersion: image.version ?? '',
    };
  }
  if (image.kind !== 'klipper') return silent('the program is unknown');
  const { role, bitrateBps = null, pins = null } = image.can ?? { role: 'none' };
  return {
    type: 'klipper',
    role: role === 'none' ? 'serial' : role,
    bitrateBps,
    pins,
    softwareVersion: image.version,
  };
}

/** Katapult's own test of an application: its first word is neither 0 nor all ones. */
export function looksStartable(flash: Flash, address: number): boolean {
  const first = flash.readWord(address);
  return first !== 0 && first !== 0xffffffff;
}

function describe(bytes: Uint8Array): ImageDescription | null {
  try {
    return describeImage(bytes);
  } catch (error) {
    if (isCanopusError(error, 'image/not-an-image')) return null;
    throw error;
  }
}

/** Flash beyond a cut is erased, so the image's last word, known from its start-up code, is then all ones. */
function endIsMissing(bytes: Uint8Array, address: number, mcu: McuName): boolean {
  const end = findImageEnd(readWords(bytes), memoryOf(mcu));
  if (end === null || end - address < 8) return false;
  if (end - address > bytes.length) return true;
  return bytes.subarray(end - address - 4, end - address).every((byte) => byte === 0xff);
}

/** What the main PLL's oscillator can do: RM0090 section 7.3.2 and RM0390 section 6.3.2, PLLN. */
const vcoHz = { lowest: 100_000_000, highest: 432_000_000 } as const;

/**
 * Whether the PLL locks when firmware set up for one crystal runs from another: the PLL must supply twice the CPU's
 * clock. Firmware waits for the lock before it does anything else. Known for the STM32F4 only.
 */
function pllLocks({ mcu, crystalHz }: Surroundings, builtForHz: number): boolean {
  if (!mcu.startsWith('stm32f4')) return false;
  const hz = (2 * mcuFacts[mcu].clockHz.klipper * crystalHz) / builtForHz;
  return hz >= vcoHz.lowest && hz <= vcoHz.highest;
}

function silent(why: string, pullsUp = false): Program {
  return { type: 'silent', why, pullsUp };
}
