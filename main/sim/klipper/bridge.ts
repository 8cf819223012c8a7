import { requestCode } from '../../../app/protocols/gs-usb/vendor-request.ts';
import { encodeHostFrame, hostFrameBytes, parseHostFrame } from '../../../app/protocols/gs-usb/host-frame.ts';
import { adminId, dataIds } from '../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanFrame } from '../../../app/transport/can-link.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import { corrupted } from '../bus/attached-device.ts';
import { InEndpoint, OutEndpoint } from '../bus/endpoint-queue.ts';
import { isStandard, minimalStandardRequest } from '../bus/standard-requests.ts';
import {
  noBytes,
  UsbStall,
  type DescriptorSet,
  type SetupPacket,
  type UsbFunction,
} from '../bus/usb-function.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { CanBus } from '../can/can-bus.ts';
import type { CanPort } from '../can/can-port.ts';
import { CanSerial } from '../can/can-serial.ts';
import { bulkIn, bulkOut, packetBytes, type FirmwareNames } from '../cdc/cdc-descriptors.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import { bridgeDescriptors } from './bridge-descriptors.ts';
import { KlipperConsole, type ControllerCounts } from './klipper-console.ts';

interface BridgeOptions {
  readonly names: FirmwareNames;
  readonly canbusUuid: string;
  readonly bitrateBps: number;
  readonly mcu: McuName;
  /** What its firmware states about itself; null if that cannot be read. */
  readonly softwareVersion: string | null;
  readonly bus: CanBus;
  readonly clock: Clock;
  readonly timeScale: number;
  readonly faults: ArmedFaults;
  readonly requestBootloader: () => void;
  /** Starts its program again. */
  readonly restart: () => void;
  readonly unplug: () => void;
}

/** Queues of the firmware (facts: Klipper src/generic/usb_canbus.c). */
const hostQueueFrames = 16;
const busQueueFrames = 32;
/** So long it waits for a mailbox; then it discards frames until one is free (firmware since January 2025). */
const blockedMs = 50;

/** gs_device_config: one channel (icount 0), software version 2, hardware version 1. */
const deviceConfig = words(0, 2, 1);
/** gs_device_bt_const: dummies, like the real firmware's; it ignores the bit timing it is given. */
const btConst = words(0, 48_000_000, 1, 16, 1, 8, 4, 1, 1024, 1);
/** Number of bytes in each OUT request. */
const outRequestBytes: Readonly<Record<number, number>> = {
  [requestCode.hostFormat]: 4,
  [requestCode.bitTiming]: 20,
  [requestCode.mode]: 8,
};

/**
 * Klipper as USB-to-CAN bridge: a gs_usb adapter whose firmware is itself a node, visible to this host but not to the
 * bus. A frame from the host is first echoed, then put into a mailbox; without room for the echo everything waits. The
 * echo proves nothing: frames that no other node acknowledges stay in the mailboxes, and later ones are discarded.
 */
export class KlipperBridge implements UsbFunction {
  readonly descriptors: DescriptorSet;
  readonly bitrateBps: number;
  readonly softwareVersion: string | null;
  readonly #options: BridgeOptions;
  readonly #in = new InEndpoint(packetBytes);
  readonly #out = new OutEndpoint(packetBytes, () => this.#pump());
  readonly #self: CanSerial;
  readonly #console: KlipperConsole;
  readonly #fromHost: Uint8Array[] = [];
  readonly #fromBus: CanFrame[] = [];
  readonly #fromSelf: CanFrame[] = [];
  readonly #port: CanPort;
  #fifo: Uint8Array | null = null;
  /** A frame of the host that was echoed and has no mailbox yet. */
  #unsent: CanFrame | null = null;
  #sending: 'ready' | 'blocked' | 'discarding' = 'ready';
  /** How often it began to wait for a mailbox. */
  #blocks = 0;
  #pumping = false;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.bitrateBps = options.bitrateBps;
    this.softwareVersion = options.softwareVersion;
    this.descriptors = bridgeDescriptors(options.names);
    this.#port = options.bus.attach({
      bitrateBps: options.bitrateBps,
      recoversFromBusOff: true,
      receive: (frame) => this.#receive(frame),
      sent: () => this.#pump(),
    });
    this.#self = new CanSerial({
      uuid: options.canbusUuid,
      send: (frame) => this.#fromSelf.push(frame),
      received: (bytes) => this.#console.receive(bytes),
      requestBootloader: options.requestBootloader,
    });
    this.#console = new KlipperConsole({
      mcu: options.mcu,
      softwareVersion: options.softwareVersion ?? '',
      send: (bytes) => this.#sendOwn(bytes),
      counts: () => this.#counts(),
      reset: options.restart,
    });
  }

  /** Its own node's stream never reaches the bus. */
  #sendOwn(bytes: Uint8Array): void {
    if (this.#self.nodeId === null) return;
    const { fromNode } = dataIds(this.#self.nodeId);
    for (let at = 0; at < bytes.length; at += 8)
      this.#fromSelf.push({ id: fromNode, extended: false, data: bytes.slice(at, at + 8) });
  }

  #counts(): ControllerCounts {
    const { rxErrors, txErrors, state } = this.#port.counts;
    return { rxErrors, txErrors, txRetries: txErrors, state };
  }

  /** The node id that a host assigned to the bridge's own node; null before. */
  get nodeId(): number | null {
    return this.#self.nodeId;
  }

  async control(setup: SetupPacket, data: Uint8Array): Promise<Uint8Array> {
    await Promise.resolve();
    if (isStandard(setup)) return minimalStandardRequest(this.descriptors, setup);
    if ((setup.bmRequestType & 0x60) !== 0x40) throw new UsbStall('not a vendor request');
    if (setup.bRequest === requestCode.deviceConfig) return deviceConfig.slice(0, setup.wLength);
    if (setup.bRequest === requestCode.btConst) return btConst.slice(0, setup.wLength);
    if (outRequestBytes[setup.bRequest] === data.length) return noBytes;
    throw new UsbStall(`vendor request ${setup.bRequest}`);
  }

  async bulkOut(endpoint: number, data: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (endpoint !== bulkOut) throw new UsbStall(`no OUT endpoint ${endpoint}`);
    await this.#out.transfer(data, signal);
  }

  async bulkIn(endpoint: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (endpoint !== bulkIn) throw new UsbStall(`no IN endpoint ${endpoint}`);
    const transfer = this.#in.transfer(length, signal);
    this.#pump();
    return transfer;
  }

  busReset(): void {
    this.#fifo = null;
    this.#in.reset();
    this.#out.reset();
  }

  /** Its program ends: the controller leaves the bus. */
  leaveBus(): void {
    this.#port.remove();
  }

  /** A frame from the bus. One for the bridge's own node id is dropped, one that does not fit is lost. */
  #receive(frame: CanFrame): void {
    const own = this.#self.nodeId === null ? null : dataIds(this.#self.nodeId).toNode;
    if (own !== null && (frame.id & ~1) === own) return;
    if (this.#fromBus.length < busQueueFrames) this.#fromBus.push(frame);
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#step()) this.#deliver();
    this.#pumping = false;
  }

  /** One step of the main loop; false if there is nothing to do. */
  #step(): boolean {
    if (this.#deliver()) return true;
    const [fromBus] = this.#fromBus;
    if (fromBus !== undefined && this.#toHost(fromBus)) {
      this.#fromBus.shift();
      return true;
    }
    if (this.#fromHost.length < hostQueueFrames) {
      const packet = this.#out.fetch();
      if (packet !== null) {
        const frame = new Uint8Array(hostFrameBytes);
        frame.set(packet.subarray(0, hostFrameBytes));
        this.#fromHost.push(frame);
        return true;
      }
    }
    const [fromSelf] = this.#fromSelf;
    if (fromSelf !== undefined) {
      if (!this.#toHost(fromSelf)) return false;
      this.#fromSelf.shift();
      return true;
    }
    return this.#handleHostFrame();
  }

  #handleHostFrame(): boolean {
    if (this.#unsent !== null) return this.#toBus(this.#unsent);
    const [bytes] = this.#fromHost;
    if (bytes === undefined || this.#fifo !== null) return false;
    this.#fifo = bytes;
    this.#fromHost.shift();
    const { faults, unplug } = this.#options;
    if (faults.unplugWithin('can-bridge', 'request', 1) !== null) unplug();
    const sent = parseHostFrame(bytes);
    if (sent === null || sent.special) return true;
    const { frame } = sent;
    const own = this.#self.nodeId === null ? null : dataIds(this.#self.nodeId).toNode;
    if (frame.id === adminId.toNodes || frame.id === own) this.#self.receive(frame);
    if (frame.id !== own) this.#toBus(frame);
    return true;
  }

  /** Puts a frame into a mailbox, or discards it if none has been free for long; false if it must wait. */
  #toBus(frame: CanFrame): boolean {
    this.#unsent = null;
    if (this.#port.post(frame)) {
      this.#sending = 'ready';
      return true;
    }
    if (this.#sending === 'discarding') return true;
    this.#unsent = frame;
    if (this.#sending === 'ready') this.#block();
    return false;
  }

  #block(): void {
    this.#sending = 'blocked';
    this.#blocks += 1;
    const block = this.#blocks;
    const { clock, timeScale } = this.#options;
    clock.sleep(blockedMs * timeScale).then(
      () => {
        if (this.#sending !== 'blocked' || this.#blocks !== block) return;
        this.#sending = 'discarding';
        this.#pump();
      },
      () => undefined,
    );
  }

  /** Puts a frame into the hardware buffer; false while that is full. */
  #toHost(frame: CanFrame): boolean {
    if (this.#fifo !== null) return false;
    const { faults } = this.#options;
    if (faults.count('lost-answer', 'can-bridge', frame.id)) return true;
    const corrupt = faults.count('corrupt-answer', 'can-bridge', frame.id);
    const bytes = encodeHostFrame(frame, null);
    this.#fifo = corrupt ? corrupted(bytes, corrupt.offset, corrupt.xor) : bytes;
    return true;
  }

  #deliver(): boolean {
    if (this.#fifo === null || !this.#in.offer(this.#fifo)) return false;
    this.#fifo = null;
    return true;
  }
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, index) => new DataView(bytes.buffer).setUint32(index * 4, value, true));
  return bytes;
}
