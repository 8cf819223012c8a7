import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import type { RomConfig } from '../bench-config.ts';
import { isNewer } from './rom-kind.ts';
import { languagesDescriptor, stringDescriptor } from '../bus/descriptors.ts';

/** Index of the first interface string; 1 to 3 are manufacturer, product and serial number. */
export const firstInterfaceString = 4;

const KiB = 1024;
const quarterMiB = '04*016Kg,01*064Kg,01*128Kg';
const halfMiB = '04*016Kg,01*064Kg,03*128Kg';
const oneMiB = '04*016Kg,01*064Kg,07*128Kg';
const otherMemories = ['@OTP Memory /0x1FFF7800/01*512 e,01*016 e', '@Device Feature/0xFFFF0000/01*004 e'];

/**
 * The names of the alternate settings, in order: one per memory (layout strings: ST UM0424, section 10.3.2), as public
 * listings of real parts show them.
 */
function memoryNames(mcu: McuName, flashKiB: number): readonly string[] {
  switch (mcu) {
    case 'stm32g0b1xx':
      // Three times the same, and no option bytes.
      return Array<string>(3).fill(`@Internal Flash   /0x08000000/${flashKiB / 2}*02Kg`);
    case 'stm32h723xx':
      // Listings of boards that are sold with half of it say so, too.
      return ['@Internal Flash   /0x08000000/8*128Kg', '@Option Bytes   /0x5200201C/01*88 e'];
    case 'stm32h743xx':
      return ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*128 e'];
    case 'stm32f072xb':
      return [
        `@Internal Flash  /0x08000000/${padded(flashKiB / 2)}*0002Kg`,
        '@Option Bytes  /0x1FFFF800/01*016 e',
      ];
    case 'stm32f042x6':
      return [
        `@Internal Flash  /0x08000000/${padded(flashKiB)}*0001Kg`,
        '@Option Bytes  /0x1FFFF800/01*016 e',
      ];
    default:
      return f4MemoryNames(mcu, flashKiB);
  }
}

function f4MemoryNames(mcu: McuName, flashKiB: number): readonly string[] {
  const smaller = flashKiB < KiB / 2 ? quarterMiB : halfMiB;
  const sectors = flashKiB >= 2 * KiB ? `${oneMiB},${oneMiB}` : flashKiB >= KiB ? oneMiB : smaller;
  const options = mcu === 'stm32f429xx' ? '0x1FFFC000/01*016 e/0x1FFEC000/01*016 e' : '0x1FFFC000/01*016 e';
  return [`@Internal Flash  /0x08000000/${sectors}`, `@Option Bytes  /${options}`, ...otherMemories];
}

function padded(count: number): string {
  return String(count).padStart(3, '0');
}

/**
 * The serial number that the ROM reports. Some MCUs: the same for every part. The others: twelve digits from the chip's UID
 * that lose most of it, so that two parts may well have the same.
 * F429 is assumed to work like F405/F407: listings of F427/F437/F439 parts show twelve digits; no F429 was seen.
 */
export function romSerial(mcu: McuName, uid: Uint8Array): string {
  const form = mcuFacts[mcu].romDfu?.serial ?? 'uid';
  if (form !== 'uid') return form.constant;
  const words = new DataView(uid.buffer, uid.byteOffset, 12);
  const sum = (words.getUint32(0, true) + words.getUint32(8, true)) >>> 0;
  return (hex(sum, 8) + hex(words.getUint32(4, true) >>> 16, 4)).toUpperCase();
}

export interface RomStrings {
  /** The names of the alternate settings, in order. */
  readonly memories: readonly string[];
  /** String descriptors by their index. */
  readonly strings: ReadonlyMap<number, Uint8Array>;
}

/**
 * All strings. The F429 ROM claims the length of its longest string (166, the layout of 2 MiB) for another one of 112
 * bytes: here that is the name of the option bytes, and with 1 MiB of flash also that of flash. Nothing follows the
 * text: dfu-util, which works with the real ROM, takes everything that arrives for the layout.
 */
export function romStrings(mcu: McuName, flashKiB: number, uid: Uint8Array, rom: RomConfig = {}): RomStrings {
  const memories = rom.memories ?? memoryNames(mcu, flashKiB);
  const names = memories.map(stringDescriptor);
  if (mcu === 'stm32f429xx' && rom.memories === undefined) {
    names.forEach((name, index) => {
      if (name.length === 112) names[index] = Uint8Array.of(166, ...name.subarray(1));
    });
  }
  const serial = rom.serial === undefined ? romSerial(mcu, uid) : rom.serial;
  const strings = new Map([
    [0, languagesDescriptor()],
    [1, stringDescriptor('STMicroelectronics')],
    [2, stringDescriptor(isNewer(mcu) ? 'DFU in FS Mode' : 'STM32  BOOTLOADER')],
    ...names.map((name, index) => [firstInterfaceString + index, name] as const),
  ]);
  if (serial !== null) strings.set(3, stringDescriptor(serial));
  return { memories, strings };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
