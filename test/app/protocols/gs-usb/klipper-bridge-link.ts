import { CanopusError } from '../../../../app/errors.ts';
import { encodeHostFrame, parseHostFrame } from '../../../../app/protocols/gs-usb/host-frame.ts';
import { parseAdminFrame } from '../../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanFrame } from '../../../../app/transport/can-link.ts';
import type { Clock } from '../../../../app/transport/clock.ts';
import type { ControlSetup, TransferOptions, UsbLink } from '../../../../app/transport/usb-link.ts';

/** Klipper's configuration descriptor in bridge mode (src/generic/usb_canbus.c): OUT 02, IN 81. */
const klipperConfiguration = Uint8Array.from([
  ...[9, 2, 32, 0, 1, 1, 0, 0xc0, 50],
  ...[9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 0],
  ...[7, 5, 0x02, 2, 64, 0, 0],
  ...[7, 5, 0x81, 2, 64, 0, 0],
]);

export interface BridgeOptions {
  readonly clock: Clock;
  /** The chip's; a request for another one is ignored. */
  readonly uuid: string;
  readonly configurationDescriptor?: Uint8Array;
  /** How often a request for the bootloader is lost. */
  readonly lostRequests?: number;
  /** What a transfer throws once the bridge has left. */
  readonly goneAs?: 'link/gone' | 'link/io';
}

/**
 * A bridge as Klipper behaves: echoes every frame first and acts on it only once the echo was read, ignores bit
 * timing and mode, leaves the bus when asked for its bootloader.
 */
export class KlipperBridgeLink implements UsbLink {
  readonly label = '1d50:606f at 1-1';
  readonly portPath = '1-1';
  readonly deviceDescriptor = new Uint8Array(18);
  readonly configurationDescriptor: Uint8Array;
  /** `request value index data` of every control transfer. */
  readonly controls: string[] = [];
  readonly claimed: number[] = [];
  /** Frames that were acted upon, in order. */
  readonly handled: CanFrame[] = [];
  readonly bulkOutEndpoints: number[] = [];
  closes = 0;
  #gone = false;
  #requestsSeen = 0;
  readonly #options: BridgeOptions;
  /** Packets for the host; `then` runs when the packet was read. */
  readonly #toHost: { bytes: Uint8Array; then?: () => void }[] = [];
  #readers: (() => void)[] = [];

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.configurationDescriptor = options.configurationDescriptor ?? klipperConfiguration;
  }

  unplug(): void {
    this.#gone = true;
    this.#wake();
  }

  /** A frame of another node on the bus. */
  deliver(frame: CanFrame): void {
    this.#push({ bytes: encodeHostFrame(frame, null) });
  }

  deliverRaw(bytes: Uint8Array): void {
    this.#push({ bytes });
  }

  controlIn(setup: ControlSetup, length: number): Promise<Uint8Array> {
    this.#note(setup, new Uint8Array(0));
    const words = setup.bRequest === 5 ? [0, 2, 1] : [0, 48_000_000, 1, 16, 1, 8, 4, 1, 1024, 1];
    const data = new Uint8Array(4 * words.length);
    words.forEach((word, index) => new DataView(data.buffer).setUint32(4 * index, word, true));
    return Promise.resolve(data.subarray(0, length));
  }

  controlOut(setup: ControlSetup, data: Uint8Array): Promise<void> {
    if (this.#gone) return Promise.reject(this.#goneError());
    this.#note(setup, data);
    return Promise.resolve();
  }

  bulkOut(endpoint: number, data: Uint8Array): Promise<void> {
    if (this.#gone) return Promise.reject(this.#goneError());
    this.bulkOutEndpoints.push(endpoint);
    const host = parseHostFrame(data);
    if (host === null) return Promise.reject(new Error('not a host frame'));
    this.#push({ bytes: data, then: () => this.#act(host.frame) });
    return Promise.resolve();
  }

  async bulkIn(
    endpoint: number,
    length: number,
    { timeoutMs, signal }: TransferOptions,
  ): Promise<Uint8Array> {
    if (endpoint !== 0x81 || length < 20) throw new Error(`read of ${length} from ${endpoint}`);
    const { clock } = this.#options;
    const waiting = new AbortController();
    const onAbort = () => {
      waiting.abort();
      this.#wake();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const wait = { over: false };
    void clock.sleep(timeoutMs, waiting.signal).then(
      () => {
        wait.over = true;
        this.#wake();
      },
      () => undefined,
    );
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#gone) throw this.#goneError();
        const packet = this.#toHost.shift();
        if (packet !== undefined) {
          packet.then?.();
          return packet.bytes;
        }
        if (wait.over) throw new CanopusError('link/timeout', 'nothing came');
        await new Promise<void>((resolve) => this.#readers.push(resolve));
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      waiting.abort();
    }
  }

  claimInterface(interfaceNumber: number): Promise<void> {
    this.claimed.push(interfaceNumber);
    return Promise.resolve();
  }

  setAltSetting(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closes += 1;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #act(frame: CanFrame): void {
    this.handled.push(frame);
    const message = parseAdminFrame(frame);
    if (message?.type !== 'requestBootloader' || message.uuid !== this.#options.uuid) return;
    this.#requestsSeen += 1;
    if (this.#requestsSeen > (this.#options.lostRequests ?? 0)) this.unplug();
  }

  #note({ bmRequestType, bRequest, wValue, wIndex }: ControlSetup, data: Uint8Array): void {
    const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
    this.controls.push(`${bmRequestType.toString(16)} ${bRequest} ${wValue} ${wIndex} ${hex}`.trimEnd());
  }

  #push(packet: { bytes: Uint8Array; then?: () => void }): void {
    this.#toHost.push(packet);
    this.#wake();
  }

  #wake(): void {
    const readers = this.#readers;
    this.#readers = [];
    for (const wake of readers) wake();
  }

  #goneError(): CanopusError {
    return new CanopusError(this.#options.goneAs ?? 'link/gone', 'the bridge left');
  }
}
