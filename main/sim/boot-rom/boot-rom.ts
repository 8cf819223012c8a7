import { decodeCommand, isIn, type PicobootCommand } from '../../../app/protocols/picoboot/command.ts';
import { encodeStatus, picobootRequests, statusBytes } from '../../../app/protocols/picoboot/status.ts';
import type { PicobootStatusName } from '../../../app/protocols/picoboot/status.ts';
import { InEndpoint, OutEndpoint } from '../bus/endpoint-queue.ts';
import { isStandard, minimalStandardRequest, standardRequest } from '../bus/standard-requests.ts';
import {
  noBytes,
  UsbStall,
  type DescriptorSet,
  type SetupPacket,
  type UsbFunction,
} from '../bus/usb-function.ts';
import {
  bootRomDescriptors,
  bootRomEndpoints,
  packetBytes,
  picobootInterface,
} from './boot-rom-descriptors.ts';
import { judgeCommand } from './command-table.ts';
import { PicobootTasks, type BootRomOptions } from './picoboot-tasks.ts';

const { driveIn, driveOut, picobootIn, picobootOut } = bootRomEndpoints;

/** What the next packet on the OUT endpoint is. */
type Expected =
  | { readonly what: 'command' }
  | { readonly what: 'data'; readonly command: PicobootCommand; done: number; chunk: Uint8Array }
  | { readonly what: 'acknowledgement' };

/** Bytes that the ROM collects before it writes them. */
const chunkBytes = 256;

/** Why a command ended without an acknowledgement: a reset of the interface, or of the bus. */
class Dropped extends Error {}

/**
 * The boot ROM of an RP2040 or RP2350 on USB: PICOBOOT with its halts, acknowledgements and status, as in
 * pico-bootrom-rp2040 (ef22cd8) and pico-bootrom-rp2350 (451edbc). Its drive enumerates but does not reply yet: it is
 * for hosts without a driver for drives.
 */
export class BootRom implements UsbFunction {
  readonly descriptors: DescriptorSet;
  readonly #options: BootRomOptions;
  readonly #tasks: PicobootTasks;
  readonly #out = new OutEndpoint(packetBytes, () => void this.#pump());
  readonly #in = new InEndpoint(packetBytes);
  readonly #driveOut = new OutEndpoint(packetBytes, () => undefined);
  readonly #driveIn = new InEndpoint(packetBytes);
  readonly #halted = new Set<number>();
  #expected: Expected = { what: 'command' };
  #status: { token: number; status: PicobootStatusName; command: number; inProgress: boolean } = {
    ...{ token: 0, status: 'OK', command: 0, inProgress: false },
  };
  /** The packet for the IN endpoint that the host has not asked for yet. */
  #waiting: { readonly packet: Uint8Array; readonly sent: () => void } | null = null;
  #isPumping = false;
  /** Aborted by a reset of the interface or the bus, which ends what runs. */
  #running = new AbortController();

  constructor(options: BootRomOptions) {
    this.#options = options;
    this.descriptors = bootRomDescriptors(options.mcu, options.chipId);
    this.#tasks = new PicobootTasks(options);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a refusal must reject, not throw
  async control(setup: SetupPacket): Promise<Uint8Array> {
    if (isStandard(setup)) return this.#standard(setup);
    const { bmRequestType, bRequest, wIndex, wLength } = setup;
    if (wIndex !== picobootInterface) throw new UsbStall('no request of the drive is known here');
    if (bmRequestType === 0xc1 && bRequest === picobootRequests.status && wLength === statusBytes)
      return encodeStatus(this.#status);
    if (bmRequestType !== 0x41 || bRequest !== picobootRequests.reset)
      throw new UsbStall(`vendor request ${bRequest}`);
    this.#reset();
    return noBytes;
  }

  async bulkOut(endpoint: number, data: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#halted.has(endpoint)) throw new UsbStall('halted');
    if (endpoint === driveOut) await this.#driveOut.transfer(data, signal);
    else if (endpoint === picobootOut) await this.#out.transfer(data, signal);
    else throw new UsbStall(`no OUT endpoint ${endpoint}`);
  }

  async bulkIn(endpoint: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (this.#halted.has(endpoint)) throw new UsbStall('halted');
    if (endpoint === driveIn) return this.#driveIn.transfer(length, signal);
    if (endpoint !== picobootIn) throw new UsbStall(`no IN endpoint ${endpoint}`);
    const transfer = this.#in.transfer(length, signal);
    this.#deliver();
    return transfer;
  }

  busReset(): void {
    this.#drop();
    this.#in.reset();
    this.#out.reset();
    this.#driveIn.reset();
    this.#driveOut.reset();
  }

  #standard(setup: SetupPacket): Uint8Array {
    const { bmRequestType, bRequest, wValue, wIndex } = setup;
    if (bmRequestType === 0x82 && bRequest === standardRequest.getStatus)
      return Uint8Array.of(this.#halted.has(wIndex) ? 1 : 0, 0);
    if (bmRequestType === 0x02 && bRequest === standardRequest.clearFeature && wValue === 0) {
      this.#halted.delete(wIndex);
      return noBytes;
    }
    if (bmRequestType === 0x01 && bRequest === standardRequest.setInterface && wValue === 0) return noBytes;
    return minimalStandardRequest(this.descriptors, setup);
  }

  /** What PICOBOOT's own reset does; a running erase or write ends half-way. */
  #reset(): void {
    this.#drop();
    this.#status = { token: 0, status: 'OK', command: 0, inProgress: false };
  }

  #drop(): void {
    this.#running.abort(new Dropped('the interface was reset'));
    this.#running = new AbortController();
    this.#expected = { what: 'command' };
    this.#halted.clear();
    this.#waiting = null;
    // What was received before is part of the command that is dropped.
    while (this.#out.fetch() !== null);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let packet = this.#out.fetch(); packet !== null; packet = this.#out.fetch()) {
        const { signal } = this.#running;
        try {
          await this.#take(packet, AbortSignal.any([signal, this.#options.power]));
        } catch (error) {
          if (!(error instanceof Dropped) && !this.#options.power.aborted) throw error;
        }
        if (this.#options.power.aborted) return;
      }
    } finally {
      this.#isPumping = false;
    }
  }

  async #take(packet: Uint8Array, signal: AbortSignal): Promise<void> {
    const expected = this.#expected;
    if (expected.what === 'acknowledgement') this.#expected = { what: 'command' };
    else if (expected.what === 'data') await this.#takeData(expected, packet, signal);
    else await this.#begin(decodeCommand(packet), signal);
  }

  async #begin(command: PicobootCommand | null, signal: AbortSignal): Promise<void> {
    if (command === null) {
      this.#halt();
      return;
    }
    const { faults, mcu, unplug } = this.#options;
    if (faults.unplugWithin('bootsel', 'request', 1) !== null) unplug();
    signal.throwIfAborted();
    const isRefused = faults.count('stall', 'bootsel', command.id) !== null;
    const status = isRefused ? 'UNKNOWN_ERROR' : judgeCommand(mcu, command);
    this.#status = { token: command.token, status, command: command.id, inProgress: status === 'OK' };
    if (status !== 'OK') this.#halt();
    else if (command.transferLength === 0) await this.#work(command, signal);
    else if (isIn(command.id)) await this.#sendData(command, signal);
    else this.#expected = { what: 'data', command, done: 0, chunk: noBytes };
  }

  /** A command without data. The RP2040's ROM acknowledges it whatever its result, which it does not keep. */
  async #work(command: PicobootCommand, signal: AbortSignal): Promise<void> {
    const status = await this.#tasks.run(command, signal);
    if (status !== 'OK' && this.#options.mcu === 'rp2350') {
      this.#fail(status);
      return;
    }
    await this.#acknowledge(command, signal);
  }

  async #sendData(command: PicobootCommand, signal: AbortSignal): Promise<void> {
    const { transferLength } = command;
    for (let done = 0; done < transferLength; done += chunkBytes) {
      const length = Math.min(chunkBytes, transferLength - done);
      const bytes = await this.#tasks.read(command, done, length, signal);
      if (typeof bytes === 'string') {
        this.#fail(bytes);
        return;
      }
      for (let at = 0; at < bytes.length; at += packetBytes)
        await this.#send(bytes.subarray(at, at + packetBytes), signal);
    }
    await this.#acknowledge(command, signal);
  }

  async #takeData(
    expected: Extract<Expected, { what: 'data' }>,
    packet: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const { command } = expected;
    expected.chunk = Uint8Array.of(...expected.chunk, ...packet);
    const left = command.transferLength - expected.done;
    if (expected.chunk.length < Math.min(chunkBytes, left)) return;
    const bytes = expected.chunk.subarray(0, Math.min(chunkBytes, left));
    expected.chunk = noBytes;
    const status = await this.#tasks.write(command, expected.done, bytes, signal);
    if (status !== 'OK') {
      this.#fail(status);
      return;
    }
    expected.done += bytes.length;
    if (expected.done < command.transferLength) return;
    this.#expected = { what: 'command' };
    await this.#acknowledge(command, signal);
  }

  async #acknowledge({ id }: PicobootCommand, signal: AbortSignal): Promise<void> {
    this.#status = { ...this.#status, inProgress: false };
    if (this.#options.faults.count('lost-answer', 'bootsel', id) !== null) return;
    if (isIn(id)) this.#expected = { what: 'acknowledgement' };
    else await this.#send(noBytes, signal);
  }

  #fail(status: PicobootStatusName): void {
    this.#status = { ...this.#status, status, inProgress: false };
    this.#halt();
  }

  /** Both endpoints, also where the RP2040 halts that of the data alone: a host has to reset the interface either way. */
  #halt(): void {
    this.#expected = { what: 'command' };
    this.#halted.add(picobootIn).add(picobootOut);
    this.#in.halt();
    this.#out.halt();
  }

  /** Resolves when the host has taken the packet. */
  #send(packet: Uint8Array, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const drop = (): void => {
        this.#waiting = null;
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', drop, { once: true });
      const sent = (): void => {
        signal.removeEventListener('abort', drop);
        resolve();
      };
      this.#waiting = { packet, sent };
      this.#deliver();
    });
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (waiting === null || !this.#in.offer(waiting.packet)) return;
    this.#waiting = null;
    waiting.sent();
  }
}
