/**
 * DfuSe commands: the payload of a DNLOAD with wValue 0 (AN3156, section 5).
 *
 * | bytes            | command                                            |
 * |------------------|----------------------------------------------------|
 * | 21 a0 a1 a2 a3   | set address pointer                                |
 * | 41 a0 a1 a2 a3   | erase the sector that holds the address            |
 * | 41               | erase all of flash                                 |
 * | 92               | read unprotect: erases everything, then resets     |
 */
const dfuseCommand = {
  setAddressPointer: 0x21,
  erase: 0x41,
  readUnprotect: 0x92,
} as const;

/** wValue of a DNLOAD that carries a command. */
export const commandBlockNumber = 0;

function withAddress(command: number, address: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = command;
  new DataView(bytes.buffer).setUint32(1, address, true);
  return bytes;
}

export function encodeSetAddress(address: number): Uint8Array {
  return withAddress(dfuseCommand.setAddressPointer, address);
}

export function encodeEraseSector(address: number): Uint8Array {
  return withAddress(dfuseCommand.erase, address);
}

export function encodeMassErase(): Uint8Array {
  return Uint8Array.of(dfuseCommand.erase);
}

export function encodeReadUnprotect(): Uint8Array {
  return Uint8Array.of(dfuseCommand.readUnprotect);
}
