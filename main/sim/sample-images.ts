import { zlibSync } from 'fflate';
import { usualBus } from '../../app/units.ts';
import { mcuFacts, type McuName } from '../../app/mcu/mcu.ts';
import { bootChecksum } from '../../app/mcu/rp-boot.ts';
import { bitTiming } from '../../app/image/bit-timing.ts';
import { usualApplicationOffset, usualCrystalHz } from './usual-crystal.ts';
import { hideCrystal, makeClockCode, type ClockCodeForm } from './clock-code.ts';

/**
 * Images made here that look like Katapult and Klipper to the inspector and to a virtual board: the same vector table,
 * start-up constants, clock set-up, strings and dictionary, with filler for the other code. They contain nothing of
 * either firmware and run on no real chip (the reset handler is an endless loop).
 *
 *     Katapult: | vectors | "CanBoot!" | reset | filler | clock, start-up words | filler | MCU, version | USB descriptors |
 *     Klipper:  | vectors | filler | reset | filler | clock, start-up words | USB strings | dictionary | filler | .data |
 *
 * Same options, same bytes, on every machine.
 */
interface CommonOptions {
  readonly mcu?: McuName;
  /** As `git describe` writes it. */
  readonly version?: string;
  /** Null builds for the internal oscillator. Default: `usualCrystalHz`. */
  readonly crystalHz?: number | null;
  /** How the code sets up the clock. Default `literal`. */
  readonly clockCode?: ClockCodeForm;
  /** Size of the whole image, a multiple of 4. */
  readonly size?: number;
  /** Other seeds give other filler. */
  readonly seed?: number;
}

interface KatapultImageOptions extends CommonOptions {
  /** Where it starts the application. Default: behind `usualApplicationOffset`. */
  readonly launchAddress?: number;
  /** What it talks over. Default `usb`. */
  readonly over?: 'usb' | 'can';
  /** Over CAN. Default 1,000,000. */
  readonly bitrateBps?: number;
}

interface KlipperImageOptions extends CommonOptions {
  /** Where the image belongs. Default: behind `usualApplicationOffset`. */
  readonly applicationAddress?: number;
  /** `bridge`: USB to CAN; `node`: on the CAN bus; `none`: USB serial. Default `bridge`. */
  readonly role?: 'bridge' | 'node' | 'none';
  /** RX, TX. Default PD0, PD1; gpio4, gpio5. */
  readonly pins?: readonly [string, string];
  /** Default 1,000,000. A bridge states it not in its dictionary but in its bit timing constant. */
  readonly bitrateBps?: number;
  /** The application's name in its dictionary. Default `Klipper`. */
  readonly app?: string;
}

interface DeployerImageOptions extends CommonOptions {
  /** Where the deployer itself belongs. Default: behind `usualApplicationOffset`. */
  readonly applicationAddress?: number;
  /** The Katapult image inside. Default: `makeKatapultImage()` for the same MCU. */
  readonly katapult?: Uint8Array;
}

const ramStart = 0x20000000;
const dataBytes = 0x40;

/** A sample Katapult; 5,148 bytes by default. Throws RangeError if `size` is too small. */
export function makeKatapultImage(options: KatapultImageOptions = {}): Uint8Array {
  const {
    mcu = 'stm32f446xx',
    launchAddress = usualApplicationAddress(mcu),
    version = 'v0.0.1-109-gcafe000',
    over = 'usb',
    bitrateBps = usualBus.bitrateBps,
  } = options;
  const { vectorCount, vectorTableOffset, stackPointer, memory, can } = mcuFacts[mcu];
  const flashStart = memory.flash.start;
  const image = new ImageWriter(flashStart, options.size ?? 5148, options.seed ?? 1);
  const vectorsAt = vectorTableOffset.katapult;
  const vectorBytes = vectorsAt + (vectorCount - 1) * 4;
  const usbStrings = [
    stringDescriptor(mcu),
    stringDescriptor('katapult'),
    // USB 2.0 section 9.6.1, device descriptor with Katapult's ids.
    Uint8Array.of(18, 1, 0, 2, 2, 0, 0, 16, 0x50, 0x1d, 0x77, 0x61, 0, 1, 1, 2, 3, 1),
  ];
  const strings = [ascii(mcu + '\0' + version + '\0'), ...(over === 'usb' ? usbStrings : [])];
  const stringsAt = image.size - align(strings.reduce((sum, part) => sum + part.length, 0));
  image.vectors(stackPointer.katapult, vectorCount - 1, vectorBytes + 8, vectorsAt);
  image.put(vectorBytes, ascii('CanBoot!'));
  image.words(vectorBytes + 8, [endlessLoop, endlessLoop]);
  const pool = [
    ...clockCode(mcu, options),
    launchAddress,
    ...startUpWords(flashStart + image.size, 0),
    flashStart,
  ];
  const [canRegisters] = can.registers;
  if (over === 'can' && canRegisters !== undefined) pool.push(canRegisters, bitTiming(mcu, bitrateBps));
  const poolAt = align(vectorBytes + 16 + (stringsAt - vectorBytes - 16) * 0.4);
  image.words(poolAt, pool);
  image.words(poolAt + pool.length * 4 + 32, [0x00010100, launchAddress, flashStart + stringsAt]);
  image.requireOrder(vectorBytes + 40, poolAt, poolAt + pool.length * 4 + 44, stringsAt);
  image.put(stringsAt, ...strings);
  if (mcu === 'rp2040') image.words(vectorsAt - 4, [bootChecksum(image.bytes.subarray(0, vectorsAt - 4))]);
  if (mcu === 'rp2350') image.words(vectorBytes + 16, imageDefinition);
  return image.bytes;
}

/** A sample Klipper; 46,728 bytes by default. Throws RangeError if `size` is too small. */
export function makeKlipperImage(options: KlipperImageOptions = {}): Uint8Array {
  const { mcu = 'stm32f446xx', role = 'bridge' } = options;
  const { applicationAddress = usualApplicationAddress(mcu) } = options;
  const image = new ImageWriter(applicationAddress, options.size ?? 46_728, options.seed ?? 1);
  const facts = mcuFacts[mcu];
  const usbStrings = role === 'node' ? [] : [stringDescriptor(mcu), stringDescriptor('Klipper')];
  if (role !== 'node' && facts.can.controller === 'pio') usbStrings.push(usbDescriptor(role));
  const dictionary = [...usbStrings, zlibSync(ascii(JSON.stringify(makeDictionary(options))), { level: 9 })];
  const dictionaryBytes = align(dictionary.reduce((sum, part) => sum + part.length, 0));
  const pool = [
    ...clockCode(mcu, options),
    ...startUpWords(applicationAddress + image.size - dataBytes, dataBytes),
    applicationAddress,
  ];
  const [canRegisters] = facts.can.registers;
  if (role !== 'none' && canRegisters !== undefined)
    pool.push(canRegisters, bitTiming(mcu, options.bitrateBps ?? usualBus.bitrateBps));
  const vectorBytes = facts.vectorCount * 4;
  const fillerBytes = image.size - vectorBytes - 8 - pool.length * 4 - dictionaryBytes - dataBytes;
  const resetAt = align(vectorBytes + fillerBytes * 0.6);
  const poolAt = align(resetAt + 8 + fillerBytes * 0.15);
  const dictionaryAt = align(poolAt + pool.length * 4 + fillerBytes * 0.15);
  image.requireOrder(0, fillerBytes);
  image.requireOrder(dictionaryAt + dictionaryBytes + dataBytes, image.size);
  image.vectors(facts.stackPointer.klipper, facts.vectorCount, resetAt);
  image.words(resetAt, [endlessLoop, endlessLoop]);
  image.words(poolAt, pool);
  image.put(dictionaryAt, ...dictionary);
  return image.bytes;
}

/** A sample of Katapult's deployer: an application that contains a whole Katapult image to install it. */
export function makeDeployerImage(options: DeployerImageOptions = {}): Uint8Array {
  const { mcu = 'stm32f446xx' } = options;
  const { applicationAddress = usualApplicationAddress(mcu) } = options;
  const katapult = options.katapult ?? makeKatapultImage({ ...options, mcu });
  const code = 3 * 1024;
  const image = new ImageWriter(applicationAddress, align(code + katapult.length), options.seed ?? 1);
  const facts = mcuFacts[mcu];
  image.vectors(facts.stackPointer.klipper, facts.vectorCount, facts.vectorCount * 4);
  image.words(facts.vectorCount * 4, [endlessLoop, endlessLoop]);
  image.words(code - 256, [...startUpWords(applicationAddress + image.size, 0), applicationAddress]);
  image.put(code, katapult);
  return image.bytes;
}

/** The keys and shapes of Klipper's data dictionary (Klipper documentation, Protocol.md), with few entries. */
function makeDictionary(options: KlipperImageOptions): Record<string, unknown> {
  const {
    mcu = 'stm32f446xx',
    role = 'bridge',
    pins = mcuFacts[mcu].can.controller === 'pio' ? ['gpio4', 'gpio5'] : ['PD0', 'PD1'],
    version = 'v0.13.0-730-gcafe00000',
  } = options;
  const hasChoices = mcuFacts[mcu].clock !== null;
  const usbPins = hasChoices ? { RESERVE_PINS_USB: 'PA11,PA12' } : {};
  const crystalPins = options.crystalHz === null || !hasChoices ? {} : { RESERVE_PINS_crystal: 'PH0,PH1' };
  const rolePins = {
    bridge: { CANBUS_BRIDGE: 1, RESERVE_PINS_CAN: pins.join(','), ...usbPins },
    node: { CANBUS_FREQUENCY: options.bitrateBps ?? usualBus.bitrateBps, RESERVE_PINS_CAN: pins.join(',') },
    none: usbPins,
  }[role];
  return {
    app: options.app ?? 'Klipper',
    build_versions: 'synthetic sample',
    commands: { get_uptime: 5, 'identify offset=%u count=%c': 1 },
    config: {
      ADC_MAX: 4095,
      CLOCK_FREQ: mcuFacts[mcu].clockHz.klipper,
      MCU: mcu,
      STATS_SUMSQ_BASE: 256,
      ...rolePins,
      ...crystalPins,
    },
    enumerations: {},
    license: 'MIT',
    responses: { 'identify_response offset=%u data=%.*s': 0, 'uptime high=%u clock=%u': 81 },
    version,
  };
}

/** Values for the start-up code: end and start of initialised data in RAM, its place in flash, the rest of RAM. */
function startUpWords(dataFlashAddress: number, bytes: number): number[] {
  return [ramStart + bytes, ramStart, dataFlashAddress, ramStart + 0x750, ramStart + bytes];
}

/** An executable for the ARM cores of an RP2350 (datasheet, 5.9.5). */
const imageDefinition = [0xffffded3, 0x10210142, 0x000001ff, 0, 0xab123579];

function usualApplicationAddress(mcu: McuName): number {
  return mcuFacts[mcu].memory.flash.start + usualApplicationOffset(mcu);
}

/** USB 2.0 section 9.6.1: a serial device, or a bridge of no class, with Klipper's ids. */
function usbDescriptor(role: 'bridge' | 'none'): Uint8Array {
  const product = role === 'bridge' ? 0x6f : 0x4e;
  const deviceClass = role === 'bridge' ? 0 : 2;
  return Uint8Array.of(
    18,
    1,
    0,
    2,
    deviceClass,
    0,
    0,
    16,
    0x50,
    0x1d,
    product,
    role === 'bridge' ? 0x60 : 0x61,
    0,
    1,
    1,
    2,
    3,
    1,
  );
}

function clockCode(mcu: McuName, options: CommonOptions): number[] {
  const crystalHz = options.crystalHz === undefined ? usualCrystalHz(mcu) : options.crystalHz;
  const { clockCode: form = 'literal' } = options;
  const { clock } = mcuFacts[mcu];
  if (clock === null) return [];
  const code = makeClockCode(clock.registers, clock.wordsFor(crystalHz), form);
  return form === 'read' && crystalHz !== null ? [...code, ...hideCrystal(crystalHz)] : code;
}

/** Two Thumb instructions `b .`: a real chip would loop here for ever. */
const endlessLoop = 0xe7fee7fe;

class ImageWriter {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly #address: number;
  readonly #view: DataView;

  constructor(address: number, size: number, seed: number) {
    if (size % 4 !== 0 || size < 1024)
      throw new RangeError(`image size ${size} is not a multiple of 4 from 1024 up`);
    this.#address = address;
    this.size = size;
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
    let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let offset = 0; offset < size; offset += 4) {
      // xorshift32. Both halves of a word are loads and stores (STRH to LDR from the stack), so that no filler looks
      // like an address and, read as code, none branches into other code.
      state ^= state << 13;
      state ^= state >>> 17;
      state = (state ^ (state << 5)) >>> 0;
      this.#view.setUint32(offset, ((state & 0x1fff1fff) | 0x80008000) >>> 0, true);
    }
  }

  vectors(stackPointer: number, count: number, resetAt: number, vectorsAt = 0): void {
    const handler = (this.#address + resetAt + 4) | 1;
    this.words(vectorsAt, [
      stackPointer,
      (this.#address + resetAt) | 1,
      ...Array<number>(count - 2).fill(handler),
    ]);
  }

  words(offset: number, words: readonly number[]): void {
    this.requireOrder(offset, offset + words.length * 4, this.size);
    words.forEach((word, index) => this.#view.setUint32(offset + index * 4, word, true));
  }

  put(offset: number, ...parts: readonly Uint8Array[]): void {
    let at = offset;
    for (const part of parts) {
      this.bytes.set(part, at);
      at += part.length;
    }
  }

  requireOrder(...offsets: readonly number[]): void {
    const sorted = offsets.every((offset, index) => index === 0 || offset >= (offsets[index - 1] ?? 0));
    if (!sorted) throw new RangeError(`image size ${this.size} is too small for its content`);
  }
}

function align(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** USB 2.0 section 9.6.7: length, type 3, UTF-16LE. */
function stringDescriptor(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + text.length * 2);
  bytes.set([bytes.length, 3]);
  for (let index = 0; index < text.length; index++) bytes[2 + index * 2] = text.charCodeAt(index);
  return bytes;
}
