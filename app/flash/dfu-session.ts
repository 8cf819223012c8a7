import { CanopusError } from '../errors.ts';
import { blockNumberFor, firstDataBlock } from '../protocols/dfuse/block.ts';
import {
  commandBlockNumber,
  encodeEraseSector,
  encodeMassErase,
  encodeSetAddress,
} from '../protocols/dfuse/command.ts';
import { flashStart } from '../mcu/stm32-memory.ts';
import type { MemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import type { DfuStatus } from '../protocols/dfuse/status.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbRequest } from '../transport/usb-link.ts';
import type { DfuOperation } from './dfu-failure.ts';
import { hex32 } from '../hex.ts';
import { explainRefusal } from './dfu-failure.ts';
import { perform } from './dfu-perform.ts';
import type { DfuPort } from './dfu-port.ts';
import { recoverToIdle } from './dfu-recover.ts';
import type { LinkAhead } from './link-ahead.ts';

interface DfuSessionFacts {
  readonly layout: MemoryLayout;
  /** Of the flash. */
  readonly alternateSetting: number;
  /** Bytes of a full DNLOAD or UPLOAD. */
  readonly transferSize: number;
  /** The device's address pointer; null if unknown. */
  readonly pointer: number | null;
  /** For a link that is far away; see `LinkAhead`. */
  readonly ahead?: LinkAhead | null;
}

/** A piece of memory that is written, or only named. */
export interface BlockAhead {
  readonly address: number;
  readonly length: number;
  /** What is written there. */
  readonly data?: Uint8Array;
}

/** What the device is waiting for. `unknown` after any failure. */
type Mode = 'idle' | 'download' | 'upload' | 'unknown';

/** How many blocks of a link that is far away are done in one round trip. */
const blocksAhead = 16;

/** Clean-up gets this long in all; the board is recoverable without it. */
const settleLimitMs = 2_000;

/**
 * One ROM bootloader, opened by `openDfu`. Tracks the device's state and address pointer, so that nothing is asked or
 * set twice: a sequential run costs one set-address, three transfers per block written, one per block read.
 *
 * One call at a time. After a failure the next call first brings the device back to dfuIDLE.
 */
export class DfuSession {
  readonly port: DfuPort;
  readonly clock: Clock;
  readonly layout: MemoryLayout;
  readonly alternateSetting: number;
  readonly transferSize: number;
  readonly #ahead: LinkAhead | null;
  #mode: Mode = 'idle';
  #pointer: number | null;
  #unprotected = false;

  constructor(port: DfuPort, clock: Clock, facts: DfuSessionFacts) {
    this.port = port;
    this.clock = clock;
    this.layout = facts.layout;
    this.alternateSetting = facts.alternateSetting;
    this.transferSize = facts.transferSize;
    this.#pointer = facts.pointer;
    this.#ahead = facts.ahead ?? null;
  }

  /** How many blocks are worth naming ahead: 1 where that changes nothing. */
  get blocksAhead(): number {
    return this.#ahead === null ? 1 : blocksAhead;
  }

  /** Asks the device for its status; in dfuIDLE this changes nothing. */
  async status(): Promise<DfuStatus> {
    await this.toIdle();
    return this.port.getStatus();
  }

  /** Erases the sector that holds `address`. `onStart` is called once it cannot be stopped any more. */
  async eraseSector(address: number, onStart?: () => void): Promise<void> {
    await this.readyForDownload();
    // Whether the erase moves the address pointer is not documented (ST's published device code does).
    this.#pointer = null;
    const data = encodeEraseSector(address);
    await this.#perform(commandBlockNumber, data, this.operation('erase', address, 0), onStart);
    this.#unprotected = true;
  }

  /** Erases all of flash. `onStart` is called once it cannot be stopped any more. */
  async massErase(onStart?: () => void): Promise<void> {
    await this.readyForDownload();
    this.#pointer = null;
    const operation = this.operation('erase-all', flashStart, 0);
    await this.#perform(commandBlockNumber, encodeMassErase(), operation, onStart);
    this.#unprotected = true;
  }

  /** Writes at most one transfer of bytes. */
  async writeBlock(address: number, data: Uint8Array): Promise<void> {
    const wValue = await this.#reach(address, data.length);
    await this.readyForDownload();
    await this.#perform(wValue, data, this.operation('write', address, data.length));
  }

  /** Reads at most one transfer of bytes; throws `link/protocol` if the device returns fewer than requested. */
  async readBlock(address: number, length: number): Promise<Uint8Array> {
    const wValue = await this.#reach(address, length);
    if (this.#mode !== 'upload') await this.toIdle();
    return this.#upload(wValue, address, length);
  }

  /**
   * Does the transfers for blocks that are read or written next, in this order, in one round trip if the link is far away;
   * `readBlock` and `writeBlock` then find them done. Throws what ended the link; what a block throws is thrown there.
   */
  async doAhead(blocks: readonly BlockAhead[]): Promise<void> {
    const [first] = blocks;
    if (this.#ahead === null || first === undefined || blocks.length < 2) return;
    await this.#reach(first.address, first.length);
    const isWrite = first.data !== undefined;
    if (isWrite) await this.readyForDownload();
    else if (this.#mode !== 'upload') await this.toIdle();
    const list: UsbRequest[] = [];
    for (const { address, length, data } of blocks) {
      const wValue = this.#blockNumber(address, length);
      if (wValue === null) break;
      list.push(...this.port.requestsFor(wValue, length, data));
    }
    await this.#guard(async () => this.#ahead?.doAhead(list));
  }

  /** Whether a transfer is possible without setting the address pointer first. */
  reaches(address: number, length: number): boolean {
    return this.#blockNumber(address, length) !== null;
  }

  /** Sets the device's address pointer, unless it is already there. */
  async pointTo(address: number): Promise<void> {
    if (this.#pointer === address && this.#mode !== 'unknown') return;
    await this.readyForDownload();
    this.#pointer = null;
    const data = encodeSetAddress(address);
    await this.#perform(commandBlockNumber, data, this.operation('set-address', address, 0));
    this.#pointer = address;
  }

  /** Brings the device to dfuIDLE: by ABORT if the state is known, otherwise by `recoverToIdle`. */
  async toIdle(): Promise<void> {
    if (this.#mode === 'idle') return;
    if (this.#mode === 'unknown') {
      this.#pointer = null;
      await recoverToIdle(this.port, { clock: this.clock });
    } else {
      await this.#guard(() => this.port.abort());
    }
    this.#mode = 'idle';
  }

  /** A DNLOAD is accepted only in dfuIDLE and dfuDNLOAD-IDLE. */
  async readyForDownload(): Promise<void> {
    if (this.#mode !== 'download') await this.toIdle();
  }

  /** Call it after requests that bypass this session: the device's state is unknown from here on. */
  distrust(): void {
    this.#mode = 'unknown';
    this.#pointer = null;
  }

  /** Clean-up after a cancel or a failure: tries briefly to leave the device in dfuIDLE; never throws. */
  async settle(): Promise<void> {
    if (this.#mode === 'idle') return;
    try {
      if (this.#mode !== 'unknown') await this.port.abort(settleLimitMs);
      else await recoverToIdle(this.port, { clock: this.clock, limitMs: settleLimitMs });
      this.#mode = 'idle';
      this.#pointer = null;
    } catch {
      this.distrust();
    }
  }

  /** For messages and for translating the ROM's refusals. */
  operation(kind: DfuOperation['kind'], address: number, length: number): DfuOperation {
    return { kind, address, length, unprotected: this.#unprotected };
  }

  #blockNumber(address: number, length: number): number | null {
    if (this.#pointer === null) return null;
    return blockNumberFor({ pointer: this.#pointer, address, length, transferSize: this.transferSize });
  }

  /** The wValue that reaches the address; sets the pointer only if necessary. */
  async #reach(address: number, length: number): Promise<number> {
    if (this.#mode === 'unknown') await this.toIdle();
    const wValue = this.#blockNumber(address, length);
    if (wValue !== null) return wValue;
    await this.pointTo(address);
    return firstDataBlock;
  }

  async #upload(wValue: number, address: number, length: number): Promise<Uint8Array> {
    const operation = this.operation('read', address, length);
    const bytes = await this.#guard(async () => {
      try {
        return await this.port.upload(wValue, length);
      } catch (error) {
        throw await explainRefusal(this.port, error, operation);
      }
    });
    this.#mode = 'upload';
    if (bytes.length !== length) {
      throw new CanopusError(
        'link/protocol',
        `The ROM bootloader sent ${bytes.length} bytes for ${length} at ${hex32(address)}.`,
        { address: hex32(address), length, received: bytes.length },
      );
    }
    this.#unprotected = true;
    return bytes;
  }

  async #perform(
    wValue: number,
    data: Uint8Array,
    operation: DfuOperation,
    onStart?: () => void,
  ): Promise<void> {
    await this.#guard(() => perform(this.port, this.clock, { wValue, data, operation, onStart }));
    this.#mode = 'download';
  }

  /** A failed transfer may leave the device in any state. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.distrust();
      throw error;
    }
  }
}
