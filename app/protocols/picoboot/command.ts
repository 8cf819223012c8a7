/**
 * A PICOBOOT command: 32 bytes to the OUT endpoint, all integers little-endian (pico-sdk boot/picoboot.h).
 *
 * | offset | bytes | what                                                           |
 * |--------|-------|----------------------------------------------------------------|
 * | 0      | 4     | magic 0x431FD10B                                               |
 * | 4      | 4     | token, repeated in the status                                  |
 * | 8      | 1     | command; bit 7: its data comes from the device                 |
 * | 9      | 1     | length of the arguments                                        |
 * | 10     | 2     | 0                                                              |
 * | 12     | 4     | length of the data, 0 if there is none                         |
 * | 16     | 16    | arguments                                                      |
 */
export interface PicobootCommand {
  readonly token: number;
  readonly id: number;
  readonly args: Uint8Array;
  /** Bytes of data that follow, in the direction of `isIn`. */
  readonly transferLength: number;
}

export const picobootMagic = 0x431fd10b;
export const commandBytes = 32;
const mostArgs = 16;

/** Command numbers; those from REBOOT2 on are known to the RP2350 only. */
export const picobootCommands = {
  EXCLUSIVE_ACCESS: 0x01,
  REBOOT: 0x02,
  FLASH_ERASE: 0x03,
  READ: 0x84,
  WRITE: 0x05,
  EXIT_XIP: 0x06,
  ENTER_CMD_XIP: 0x07,
  EXEC: 0x08,
  VECTORIZE_FLASH: 0x09,
  REBOOT2: 0x0a,
  GET_INFO: 0x8b,
  OTP_READ: 0x8c,
  OTP_WRITE: 0x0d,
} as const;

export type PicobootCommandName = keyof typeof picobootCommands;

/** A command without its token. */
export type PicobootRequest = Omit<PicobootCommand, 'token'>;

/** Whether the data of a command comes from the device; its acknowledgement then goes the other way. */
export function isIn(id: number): boolean {
  return (id & 0x80) !== 0;
}

/** The name of a command, or its number for one that is unknown. */
export function nameOfCommand(id: number): string {
  const known = Object.entries(picobootCommands).find(([, value]) => value === id);
  return known?.[0] ?? `command 0x${id.toString(16).padStart(2, '0')}`;
}

/** 1: the drive of the ROM is disabled while this is held; 2: it is ejected, too. */
export function exclusiveAccess(mode: 0 | 1 | 2): PicobootRequest {
  return { id: picobootCommands.EXCLUSIVE_ACCESS, args: Uint8Array.of(mode), transferLength: 0 };
}

/** `address` and `size` are multiples of 4096. */
export function flashErase(address: number, size: number): PicobootRequest {
  return { id: picobootCommands.FLASH_ERASE, args: words(address, size), transferLength: 0 };
}

/** In flash, `address` is a multiple of 256. */
export function read(address: number, size: number): PicobootRequest {
  return { id: picobootCommands.READ, args: words(address, size), transferLength: size };
}

/** In flash, `address` is a multiple of 256, and what is written there must be erased before. */
export function write(address: number, size: number): PicobootRequest {
  return { id: picobootCommands.WRITE, args: words(address, size), transferLength: size };
}

/** Makes flash ready for commands; erase, write and read need it. */
export const exitXip: PicobootRequest = {
  id: picobootCommands.EXIT_XIP,
  args: new Uint8Array(0),
  transferLength: 0,
};

/** Starts what a power-on would start. RP2040 only. */
export function reboot(delayMs: number): PicobootRequest {
  return { id: picobootCommands.REBOOT, args: words(0, 0, delayMs), transferLength: 0 };
}

/** The same on an RP2350, which does not know REBOOT: type "normal", no parameters. */
export function reboot2(delayMs: number): PicobootRequest {
  return { id: picobootCommands.REBOOT2, args: words(0, delayMs, 0, 0), transferLength: 0 };
}

/** The bytes of a command. More than 16 bytes of arguments are a programming error. */
export function encodeCommand({ token, id, args, transferLength }: PicobootCommand): Uint8Array {
  if (args.length > mostArgs)
    throw new RangeError(`a PICOBOOT command has at most ${mostArgs} bytes of args`);
  const bytes = new Uint8Array(commandBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, picobootMagic, true);
  view.setUint32(4, token, true);
  bytes[8] = id;
  bytes[9] = args.length;
  view.setUint32(12, transferLength, true);
  bytes.set(args, 16);
  return bytes;
}

/**
 * The command in a packet; null for another length or without the magic. `args` are as many as the packet says, or all
 * 16 if it says more.
 */
export function decodeCommand(packet: Uint8Array): PicobootCommand | null {
  if (packet.length !== commandBytes) return null;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (view.getUint32(0, true) !== picobootMagic) return null;
  const length = Math.min(view.getUint8(9), mostArgs);
  return {
    token: view.getUint32(4, true),
    id: view.getUint8(8),
    args: packet.slice(16, 16 + length),
    transferLength: view.getUint32(12, true),
  };
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value, true));
  return bytes;
}
