import type { RomDfuOptions } from './rom-dfu-options.ts';
import { dfuseCommand, dfuStatus, type DfuStatus } from './dfu-codes.ts';
import { romTransferSize } from './rom-kind.ts';
import type { RomMemory } from './rom-memory.ts';

/** The operation of a DNLOAD. */
export type Operation =
  | { readonly type: 'setAddress'; readonly address: number }
  | { readonly type: 'eraseSector'; readonly address: number }
  | { readonly type: 'massErase' }
  | { readonly type: 'readUnprotect' }
  | { readonly type: 'write'; readonly address: number; readonly bytes: Uint8Array };

/**
 * Announced for every erase, however long it takes, and for every other DNLOAD, set-address included, as in public logs
 * of real parts: `dfu-util -v -v` prints the wait of commands only, and for F4 that is 100 ms after an erase and 104 ms
 * after each set-address.
 */
const erasePollTimeoutMs = 100;
const writePollTimeoutMs = 104;

/** The meaning of a DNLOAD (ST AN3156, section 5); null if the ROM does not know it. */
export function parseOperation(
  wValue: number,
  data: Uint8Array,
  pointer: number,
  transferSize: number,
): Operation | null {
  if (wValue >= 2) {
    if (data.length > transferSize) return null;
    return { type: 'write', address: pointer + (wValue - 2) * transferSize, bytes: data.slice() };
  }
  if (wValue === 1) return null;
  const address = data.length === 5 ? new DataView(data.buffer, data.byteOffset).getUint32(1, true) : null;
  switch (data[0]) {
    case dfuseCommand.setAddressPointer:
      return address === null ? null : { type: 'setAddress', address };
    case dfuseCommand.erase:
      if (data.length === 1) return { type: 'massErase' };
      return address === null ? null : { type: 'eraseSector', address };
    case dfuseCommand.readUnprotect:
      return data.length === 1 ? { type: 'readUnprotect' } : null;
    default:
      return null;
  }
}

/** Flash operations of the ROM over time, with the faults that can strike meanwhile. */
export class RomOperations {
  readonly #options: RomDfuOptions;
  readonly #memory: RomMemory;

  constructor(options: RomDfuOptions, memory: RomMemory) {
    this.#options = options;
    this.#memory = memory;
  }

  pollTimeoutMs(operation: Operation): number {
    switch (operation.type) {
      case 'setAddress':
      case 'write':
        return writePollTimeoutMs;
      case 'eraseSector':
      case 'massErase':
      case 'readUnprotect':
        return erasePollTimeoutMs;
    }
  }

  /** Never throws: if power fails midway, it stays pending. */
  async perform(operation: Operation): Promise<DfuStatus> {
    const { power } = this.#options;
    try {
      return await this.#perform(operation);
    } catch (error) {
      if (power.aborted) return new Promise(() => undefined);
      throw error;
    }
  }

  /** GET COMMANDS for block 0, memory from block 2 on; a status code if the ROM refuses. */
  upload(wValue: number, length: number, pointer: number): Uint8Array | DfuStatus {
    const { faults, chip, unplug } = this.#options;
    const transferSize = romTransferSize(this.#options.mcu);
    if (wValue === 0) return Uint8Array.of(...Object.values(dfuseCommand)).slice(0, length);
    if (wValue === 1 || length > transferSize) return dfuStatus.errSTALLEDPKT;
    if (chip.readProtected) return dfuStatus.errVENDOR;
    const bytes = this.#memory.read(pointer + (wValue - 2) * transferSize, length);
    if (bytes === null) return dfuStatus.errTARGET;
    if (faults.unplugWithin('dfu', 'read', bytes.length) !== null) unplug();
    return bytes;
  }

  async #perform(operation: Operation): Promise<DfuStatus> {
    const { chip, controller, power, reset } = this.#options;
    const { parallelism } = this.#memory;
    switch (operation.type) {
      case 'setAddress':
        return this.#memory.knows(operation.address) ? dfuStatus.OK : dfuStatus.errTARGET;
      case 'readUnprotect':
        await controller.massErase(parallelism, power);
        chip.readProtected = false;
        reset();
        return dfuStatus.OK;
      case 'eraseSector': {
        if (chip.readProtected) return dfuStatus.errVENDOR;
        const index = controller.flash.sectorAt(operation.address);
        if (index < 0) return dfuStatus.errTARGET;
        if (this.#pulledDuringErase()) return this.#halfErased(index);
        await controller.eraseSector(index, parallelism, power);
        return dfuStatus.OK;
      }
      case 'massErase':
        if (chip.readProtected) return dfuStatus.errVENDOR;
        if (this.#pulledDuringErase()) return this.#halfErased(0);
        await controller.massErase(parallelism, power);
        return dfuStatus.OK;
      case 'write':
        return this.#write(operation.address, operation.bytes);
    }
  }

  async #write(address: number, bytes: Uint8Array): Promise<DfuStatus> {
    const { chip, controller, faults, power, unplug } = this.#options;
    if (chip.readProtected) return dfuStatus.errVENDOR;
    if (this.#memory.writeFeature(address, bytes)) return dfuStatus.OK;
    if (!controller.flash.contains(address, bytes.length)) {
      return this.#memory.knows(address) ? dfuStatus.errADDRESS : dfuStatus.errTARGET;
    }
    const done = faults.unplugWithin('dfu', 'write', bytes.length);
    const { parallelism } = this.#memory;
    const { unitBytes } = controller.flash.programming;
    const part =
      done === null ? inWholeUnits(bytes, unitBytes) : bytes.subarray(0, done - (done % unitBytes));
    const isTaken = await controller.program(address, part, parallelism, power);
    if (done !== null) unplug();
    return isTaken ? dfuStatus.OK : dfuStatus.errPROG;
  }

  #pulledDuringErase(): boolean {
    return this.#options.faults.unplugWithin('dfu', 'erase', 1) !== null;
  }

  #halfErased(index: number): DfuStatus {
    const { controller, unplug } = this.#options;
    controller.flash.erase(index, (controller.flash.sectors[index]?.size ?? 0) / 2);
    unplug();
    return dfuStatus.OK;
  }
}

/** An image need not end with a whole unit: the rest reads as erased, but counts as written. */
function inWholeUnits(bytes: Uint8Array, unitBytes: number): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / unitBytes) * unitBytes).fill(0xff);
  whole.set(bytes);
  return whole;
}
