import { picobootCommands, type PicobootCommand } from '../../../app/protocols/picoboot/command.ts';
import type { PicobootStatusName } from '../../../app/protocols/picoboot/status.ts';
import type { RpName } from './boot-rom-descriptors.ts';

/** The length of a command's arguments, and of its data: none, as much as its second argument, or up to a page. */
interface CommandRule {
  readonly args: number;
  readonly data: 'none' | 'size' | 'page';
  readonly chips: readonly RpName[];
}

const both: readonly RpName[] = ['rp2040', 'rp2350'];

/** `cmd_mapping` of both ROMs. OTP is left out: its commands are refused as unknown. */
const rules = new Map<number, CommandRule>([
  [picobootCommands.EXCLUSIVE_ACCESS, { args: 1, data: 'none', chips: both }],
  [picobootCommands.REBOOT, { args: 12, data: 'none', chips: ['rp2040'] }],
  [picobootCommands.FLASH_ERASE, { args: 8, data: 'none', chips: both }],
  [picobootCommands.READ, { args: 8, data: 'size', chips: both }],
  [picobootCommands.WRITE, { args: 8, data: 'size', chips: both }],
  [picobootCommands.EXIT_XIP, { args: 0, data: 'none', chips: both }],
  [picobootCommands.ENTER_CMD_XIP, { args: 0, data: 'none', chips: both }],
  [picobootCommands.EXEC, { args: 4, data: 'none', chips: ['rp2040'] }],
  [picobootCommands.VECTORIZE_FLASH, { args: 4, data: 'none', chips: ['rp2040'] }],
  [picobootCommands.REBOOT2, { args: 16, data: 'none', chips: ['rp2350'] }],
  [picobootCommands.GET_INFO, { args: 16, data: 'page', chips: ['rp2350'] }],
]);

const mostPageBytes = 256;

/** OK, or why the ROM refuses a command before it does anything. */
export function judgeCommand(mcu: RpName, { id, args, transferLength }: PicobootCommand): PicobootStatusName {
  const rule = rules.get(id);
  if (!rule?.chips.includes(mcu)) return 'UNKNOWN_CMD';
  if (args.length !== rule.args) return 'INVALID_CMD_LENGTH';
  const fits = {
    none: transferLength === 0,
    size: transferLength === sizeOf(args),
    page: transferLength > 0 && transferLength <= mostPageBytes,
  }[rule.data];
  return fits ? 'OK' : 'INVALID_TRANSFER_LENGTH';
}

/** The first two words of the arguments of erase, read and write. */
export function addressOf(args: Uint8Array): number {
  return wordAt(args, 0);
}

export function sizeOf(args: Uint8Array): number {
  return wordAt(args, 4);
}

/** 0 where the arguments end before it. */
export function wordAt(args: Uint8Array, at: number): number {
  if (at + 4 > args.length) return 0;
  return new DataView(args.buffer, args.byteOffset).getUint32(at, true);
}
