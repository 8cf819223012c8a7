import { InEndpoint, OutEndpoint } from '../bus/endpoint-queue.ts';
import { isStandard, minimalStandardRequest } from '../bus/standard-requests.ts';
import {
  noBytes,
  UsbStall,
  type DescriptorSet,
  type SetupPacket,
  type UsbFunction,
} from '../bus/usb-function.ts';
import { joinBytes } from '../join-bytes.ts';
import { bulkIn, bulkOut, notifyIn, packetBytes } from './cdc-descriptors.ts';
import { cdcRequest, lineCoding } from './cdc-requests.ts';

/** The program behind a CDC-ACM port. */
export interface SerialFirmware {
  /**
   * Handles received bytes that have not been taken yet. Returns how many it is done with, or null if it waits for
   * more. It may take its time: nothing else happens on the device meanwhile.
   */
  take(received: Uint8Array): number | null | Promise<number | null>;
  /** The host set the line or DTR. */
  lineChanged?(baudRate: number, dtr: boolean): void;
}

/**
 * A CDC-ACM device as the USB code of Klipper and Katapult implements it on an OTG peripheral: a receive buffer of two
 * packets that accepts a packet only while a whole one fits, a transmit buffer of 192 bytes that **drops what does not
 * fit**, one packet at a time to the host, no zero-length packets (facts: Katapult src/generic/usb_cdc.c).
 *
 * The firmware handles everything it has received before the host asks for the next IN packet, which at full speed
 * takes longer than several commands. So a host that asks for more than the transmit buffer holds, without waiting,
 * loses replies, as with the real device.
 */
export class CdcFunction implements UsbFunction {
  readonly descriptors: DescriptorSet;
  readonly #firmware: SerialFirmware;
  readonly #in = new InEndpoint(packetBytes);
  readonly #notify = new InEndpoint(8);
  readonly #out: OutEndpoint;
  readonly #receive: Uint8Array;
  readonly #transmitBytes: number;
  #received = 0;
  #transmit: Uint8Array[] = [];
  #toTransmit = 0;
  /** The packet in the IN endpoint's hardware buffer. */
  #fifo: Uint8Array | null = null;
  #pumping = false;
  #working: Promise<unknown> = Promise.resolve();
  #lineCoding = lineCoding(0);
  #dtr = false;

  constructor(
    descriptors: DescriptorSet,
    firmware: SerialFirmware,
    sizes: { readonly receiveBytes?: number; readonly transmitBytes?: number } = {},
  ) {
    this.descriptors = descriptors;
    this.#firmware = firmware;
    this.#receive = new Uint8Array(sizes.receiveBytes ?? 2 * packetBytes);
    this.#transmitBytes = sizes.transmitBytes ?? 192;
    this.#out = new OutEndpoint(packetBytes, () => void this.#pump());
  }

  /** Firmware's side: puts a message into the transmit buffer, or drops it if it does not fit. */
  send(message: Uint8Array): void {
    if (this.#toTransmit + message.length > this.#transmitBytes) return;
    this.#transmit.push(message.slice());
    this.#toTransmit += message.length;
    void this.#pump();
  }

  async control(setup: SetupPacket, data: Uint8Array): Promise<Uint8Array> {
    // The processor cannot reply while the firmware works.
    await this.#working;
    return isStandard(setup) ? this.#standard(setup) : this.#class(setup, data);
  }

  async bulkOut(endpoint: number, data: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (endpoint !== bulkOut) throw new UsbStall(`no OUT endpoint ${endpoint}`);
    await this.#out.transfer(data, signal);
  }

  async bulkIn(endpoint: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (endpoint === notifyIn) return this.#notify.transfer(length, signal);
    if (endpoint !== bulkIn) throw new UsbStall(`no IN endpoint ${endpoint}`);
    const transfer = this.#in.transfer(length, signal);
    this.#deliver();
    void this.#pump();
    return transfer;
  }

  busReset(): void {
    this.#fifo = null;
    this.#in.reset();
    this.#notify.reset();
    this.#out.reset();
  }

  #standard(setup: SetupPacket): Uint8Array {
    return minimalStandardRequest(this.descriptors, setup);
  }

  #class(setup: SetupPacket, data: Uint8Array): Uint8Array {
    const { bmRequestType, bRequest, wValue, wIndex, wLength } = setup;
    if (wIndex !== 0) throw new UsbStall('not the control interface');
    if (bmRequestType === 0x21 && bRequest === cdcRequest.setLineCoding && data.length === 7) {
      this.#lineCoding = data.slice();
      this.#lineChanged();
      return noBytes;
    }
    if (bmRequestType === 0xa1 && bRequest === cdcRequest.getLineCoding && wLength >= 7) {
      return this.#lineCoding.slice();
    }
    if (bmRequestType === 0x21 && bRequest === cdcRequest.setControlLineState && wLength === 0) {
      this.#dtr = (wValue & 1) !== 0;
      this.#lineChanged();
      return noBytes;
    }
    throw new UsbStall(`class request ${bRequest}`);
  }

  #lineChanged(): void {
    const { buffer, byteOffset } = this.#lineCoding;
    const baudRate = new DataView(buffer, byteOffset).getUint32(0, true);
    this.#firmware.lineChanged?.(baudRate, this.#dtr);
  }

  /** The firmware's main loop, as long as there is progress. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        this.#fetchPacket();
        while (await this.#takeOne()) this.#fillFifo();
        this.#fillFifo();
        if (!this.#deliver() && !(this.#hasRoom && this.#out.ready)) return;
      }
    } finally {
      this.#pumping = false;
    }
  }

  get #hasRoom(): boolean {
    return this.#received + packetBytes <= this.#receive.length;
  }

  #fetchPacket(): void {
    const packet = this.#hasRoom ? this.#out.fetch() : null;
    if (packet === null) return;
    this.#receive.set(packet, this.#received);
    this.#received += packet.length;
  }

  /** Runs the firmware once; false if it waits for more. */
  async #takeOne(): Promise<boolean> {
    if (this.#received === 0) return false;
    const outcome = this.#firmware.take(this.#receive.subarray(0, this.#received));
    // The peripheral sends while the work takes its time.
    if (outcome instanceof Promise) {
      this.#deliver();
      this.#working = outcome;
    }
    const done = await outcome;
    if (done === null) return false;
    this.#receive.copyWithin(0, done, this.#received);
    this.#received -= done;
    return done > 0;
  }

  /** Sends the packet in the hardware buffer if the host asks for one; this needs no processor. */
  #deliver(): boolean {
    if (this.#fifo === null || !this.#in.offer(this.#fifo)) return false;
    this.#fifo = null;
    return true;
  }

  #fillFifo(): void {
    if (this.#fifo !== null || this.#toTransmit === 0) return;
    const all = joinBytes(this.#transmit);
    this.#fifo = all.subarray(0, packetBytes);
    this.#transmit = all.length > packetBytes ? [all.subarray(packetBytes)] : [];
    this.#toTransmit -= this.#fifo.length;
  }
}
