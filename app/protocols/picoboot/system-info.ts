import { CanopusError } from '../../errors.ts';
import { picobootCommands, type PicobootRequest } from './command.ts';

/** GET_INFO, type 1 "system", with the flag for the chip's own numbers (boot/picoboot_constants.h). */
const SYSTEM = 1;
const CHIP_INFO = 1;
/** Words: how many follow, the flags that are included, package, id low, id high. */
const infoBytes = 5 * 4;

/** Asks an RP2350 for its chip id; the RP2040 does not know the command. */
export function chipInfo(): PicobootRequest {
  const args = new Uint8Array(16);
  args[0] = SYSTEM;
  new DataView(args.buffer).setUint32(4, CHIP_INFO, true);
  return { id: picobootCommands.GET_INFO, args, transferLength: infoBytes };
}

/**
 * The 64-bit chip id, 16 upper-case hex digits, the highest first: the USB serial number of this chip's ROM. Throws
 * `link/protocol` for a reply without it.
 */
export function decodeChipInfo(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWhole = bytes.length >= infoBytes && view.getUint32(0, true) >= 4;
  if (!isWhole || (view.getUint32(4, true) & CHIP_INFO) === 0) {
    throw new CanopusError('link/protocol', 'The boot ROM replied to GET_INFO without the chip id.', {
      received: bytes.length,
    });
  }
  const [low, high] = [view.getUint32(12, true), view.getUint32(16, true)];
  return `${hex(high)}${hex(low)}`;
}

/** As the ROM sends it. */
export function encodeChipInfo(chipId: string, packageSelect: number): Uint8Array {
  const bytes = new Uint8Array(infoBytes);
  const view = new DataView(bytes.buffer);
  const values = [
    4,
    CHIP_INFO,
    packageSelect,
    Number.parseInt(chipId.slice(8), 16),
    Number.parseInt(chipId.slice(0, 8), 16),
  ];
  values.forEach((value, index) => view.setUint32(index * 4, value, true));
  return bytes;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0').toUpperCase();
}
