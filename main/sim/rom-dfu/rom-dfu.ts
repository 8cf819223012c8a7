import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import { dfuRequest } from '../../../app/protocols/dfuse/request.ts';
import {
  acceptsWithoutEffect,
  getDescriptor,
  isStandard,
  standardRequest,
} from '../bus/standard-requests.ts';
import {
  noBytes,
  UsbStall,
  type DescriptorSet,
  type SetupPacket,
  type UsbFunction,
} from '../bus/usb-function.ts';
import { dfuState, dfuStatus, type DfuState, type DfuStatus } from './dfu-codes.ts';
import { parseOperation, RomOperations, type Operation } from './rom-operations.ts';
import { romDescriptors } from './rom-descriptors.ts';
import { romTransferSize } from './rom-kind.ts';
import type { RomDfuOptions } from './rom-dfu-options.ts';
import { RomMemory } from './rom-memory.ts';
import { romStrings } from './rom-strings.ts';

/**
 * The DfuSe bootloader in the ROM of an STM32 (ST AN3156; behaviour on the bus as in public logs, see docs/virtual-bench.md).
 *
 * A DNLOAD only stores its request; the GETSTATUS after it replies dfuDNBUSY and starts the work. The ROM handles
 * nothing while it works, so the next request waits that long. Requests that do not fit the state are stalled.
 */
export class RomDfu implements UsbFunction {
  readonly descriptors: DescriptorSet;
  readonly #options: RomDfuOptions;
  readonly #memory: RomMemory;
  readonly #transferSize: number;
  readonly #operations: RomOperations;
  #state: DfuState = dfuState.dfuIDLE;
  #status: DfuStatus = dfuStatus.OK;
  #pointer = flashStart;
  #pending: Operation | null = null;
  #working: Promise<void> = Promise.resolve();
  #stuckUntil: 'reset' | 'abort' | null = null;
  #alternateSetting = 0;
  /** When the wait that the last status announced is over. */
  #pollAgainMs = 0;

  constructor(options: RomDfuOptions) {
    this.#options = options;
    const flash = options.controller.flash;
    const strings = romStrings(options.mcu, flash.sizeBytes / 1024, options.chip.uid, options.rom);
    this.descriptors = romDescriptors(options.mcu, strings);
    this.#transferSize = romTransferSize(options.mcu);
    this.#memory = new RomMemory(options.mcu, flash, options.chip, options.uidReadable);
    this.#operations = new RomOperations(options, this.#memory);
    if (options.faults.take('first-status-error')) this.#fail(dfuStatus.errFIRMWARE);
    const stuck = options.faults.busyFromStart();
    if (stuck) this.#stick(stuck.clearedBy);
  }

  async control(setup: SetupPacket, data: Uint8Array): Promise<Uint8Array> {
    const { clock, faults } = this.#options;
    const early = clock.nowMs() < this.#pollAgainMs;
    await this.#working;
    if (early && setup.bRequest === dfuRequest.getStatus && faults.has('strict-polling')) {
      this.#fail(dfuStatus.errUNKNOWN);
    }
    if (isStandard(setup)) return this.#standard(setup);
    if (setup.bmRequestType === 0xa1) return this.#in(setup);
    if (setup.bmRequestType === 0x21) return this.#out(setup, data);
    throw new UsbStall('not a DFU request');
  }

  bulkOut(): Promise<void> {
    return Promise.reject(new UsbStall('the ROM bootloader has no bulk endpoint'));
  }

  bulkIn(): Promise<Uint8Array> {
    return Promise.reject(new UsbStall('the ROM bootloader has no bulk endpoint'));
  }

  busReset(): void {
    // No data is in endpoints; the state machine belongs to the firmware and stays unchanged.
  }

  #standard(setup: SetupPacket): Uint8Array {
    switch (setup.bRequest) {
      case standardRequest.getDescriptor:
        return getDescriptor(this.descriptors, setup);
      case standardRequest.getStatus:
        return Uint8Array.of(setup.bmRequestType === 0x80 ? 1 : 0, 0);
      case standardRequest.getConfiguration:
        return Uint8Array.of(1);
      case standardRequest.getInterface:
        return Uint8Array.of(this.#alternateSetting);
      case standardRequest.setInterface:
        if (!this.descriptors.strings.has(4 + setup.wValue)) throw new UsbStall('no such alternate setting');
        this.#alternateSetting = setup.wValue;
        return noBytes;
      case standardRequest.clearFeature:
      case standardRequest.setFeature:
        return noBytes;
      default:
        if (acceptsWithoutEffect(setup)) return noBytes;
        throw new UsbStall(`standard request ${setup.bRequest}`);
    }
  }

  #in(setup: SetupPacket): Uint8Array {
    switch (setup.bRequest) {
      case dfuRequest.getStatus:
        return this.#getStatus().slice(0, setup.wLength);
      case dfuRequest.getState:
        return Uint8Array.of(this.#state).slice(0, setup.wLength);
      case dfuRequest.upload:
        return this.#upload(setup);
      default:
        return this.#refuse();
    }
  }

  #out(setup: SetupPacket, data: Uint8Array): Uint8Array {
    const state = this.#state;
    switch (setup.bRequest) {
      case dfuRequest.dnload:
        if (state !== dfuState.dfuIDLE && state !== dfuState.dfuDNLOAD_IDLE) return this.#refuse();
        if (data.length === 0) {
          this.#state = dfuState.dfuMANIFEST_SYNC;
          return noBytes;
        }
        this.#pending = parseOperation(setup.wValue, data, this.#pointer, this.#transferSize);
        if (this.#pending === null) return this.#refuse();
        this.#state = dfuState.dfuDNLOAD_SYNC;
        return noBytes;
      case dfuRequest.clrStatus:
        if (state !== dfuState.dfuERROR && this.#stuckUntil !== 'abort') return this.#refuse();
        return this.#toIdle();
      case dfuRequest.abort:
        if (state === dfuState.dfuERROR || this.#stuckUntil === 'reset') return this.#refuse();
        return this.#toIdle();
      default:
        return this.#refuse();
    }
  }

  #getStatus(): Uint8Array {
    let pollTimeoutMs = 0;
    if (this.#stuckUntil !== null) {
      pollTimeoutMs = 100;
    } else if (this.#state === dfuState.dfuDNLOAD_SYNC) {
      const operation = this.#pending;
      this.#pending = null;
      if (operation === null) {
        this.#state = dfuState.dfuDNLOAD_IDLE;
      } else {
        this.#state = dfuState.dfuDNBUSY;
        pollTimeoutMs = this.#operations.pollTimeoutMs(operation);
        const stuck = operation.type === 'setAddress' ? null : this.#options.faults.busyForever();
        if (stuck) this.#stick(stuck.clearedBy);
        else this.#working = this.#perform(operation);
      }
    } else if (this.#state === dfuState.dfuMANIFEST_SYNC) {
      this.#leave();
    }
    const { clock, timeScale } = this.#options;
    const announcedMs = Math.ceil(pollTimeoutMs * timeScale);
    this.#pollAgainMs = clock.nowMs() + announcedMs;
    return Uint8Array.of(
      this.#status,
      announcedMs & 0xff,
      (announcedMs >> 8) & 0xff,
      announcedMs >> 16,
      this.#state,
      0,
    );
  }

  async #perform(operation: Operation): Promise<void> {
    const status = await this.#operations.perform(operation);
    if (status !== dfuStatus.OK) {
      this.#fail(status);
      return;
    }
    if (operation.type === 'setAddress') this.#pointer = operation.address;
    this.#state = dfuState.dfuDNLOAD_SYNC;
  }

  #upload(setup: SetupPacket): Uint8Array {
    if (this.#state !== dfuState.dfuIDLE && this.#state !== dfuState.dfuUPLOAD_IDLE) return this.#refuse();
    const answer = this.#operations.upload(setup.wValue, setup.wLength, this.#pointer);
    if (typeof answer === 'number') {
      this.#fail(answer);
      throw new UsbStall('upload refused');
    }
    const short = setup.wValue === 0 || answer.length < setup.wLength;
    this.#state = short ? dfuState.dfuIDLE : dfuState.dfuUPLOAD_IDLE;
    return answer;
  }

  #leave(): void {
    this.#state = dfuState.dfuMANIFEST;
    const { faults, start, unplug } = this.#options;
    if (faults.unplugWithin('dfu', 'leave', 1) !== null) unplug();
    else start(this.#pointer, faults.take('leave-unanswered') === null);
  }

  #toIdle(): Uint8Array {
    this.#state = dfuState.dfuIDLE;
    this.#status = dfuStatus.OK;
    this.#pending = null;
    this.#stuckUntil = null;
    return noBytes;
  }

  #stick(until: 'reset' | 'abort'): void {
    this.#state = dfuState.dfuDNBUSY;
    this.#stuckUntil = until;
  }

  #fail(status: DfuStatus): void {
    this.#state = dfuState.dfuERROR;
    this.#status = status;
    this.#pending = null;
  }

  /** DFU 1.1, A.2: a request that does not fit the state is stalled and leads to dfuERROR. */
  #refuse(): never {
    if (this.#stuckUntil === null && this.#state !== dfuState.dfuERROR) this.#fail(dfuStatus.errSTALLEDPKT);
    throw new UsbStall('request does not fit the state');
  }
}
