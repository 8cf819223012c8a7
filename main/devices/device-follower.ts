import type { PortPath } from '../../app/place.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceSource, ScannedDevice } from './device-source.ts';

/** How long udevd may take before a device is shown as the kernel left it. */
const settleTimeoutMs = 2_000;

type Listener = (event: UsbDeviceEvent) => void;

/**
 * Turns hints that something changed into events that say what: scans and compares with the scan before. However fast
 * devices change, listeners know what the last scan found. Hints during a scan lead to one more scan.
 */
export class DeviceFollower {
  readonly #source: DeviceSource;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #known: ReadonlyMap<PortPath, ScannedDevice> = new Map();
  #stop: (() => void) | null = null;
  #scanning: Promise<void> | null = null;
  #hinted = false;
  #settle = false;
  #settling: AbortController | null = null;

  constructor(source: DeviceSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /**
   * Reports the present devices, then every change; resolves after the former. Throws what the first scan throws. A
   * later scan that fails reports nothing; the next hint starts another.
   */
  async add(listener: Listener): Promise<() => void> {
    // Without listeners, `known` was not kept up to date.
    if (this.#stop === null) this.#known = new Map();
    this.#stop ??= this.#source.watch(() => void this.#hint());
    try {
      await this.#hint();
    } catch (error) {
      if (this.#listeners.size === 0) this.close();
      throw error;
    }
    for (const { device } of this.#known.values()) listener({ type: 'attach', device });
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#settling?.abort();
    this.#settling = null;
    this.#stop?.();
    this.#stop = null;
  }

  /** Resolves when a scan that began after this call has been reported. */
  #hint(): Promise<void> {
    this.#hinted = true;
    if (this.#scanning === null) {
      this.#scanning = this.#scanWhileHinted().finally(() => {
        this.#scanning = null;
      });
      this.#scanning.catch(() => undefined); // only `add` waits for it
    }
    return this.#scanning;
  }

  async #scanWhileHinted(): Promise<void> {
    while (this.#hinted) {
      const settle = this.#settle;
      this.#hinted = false;
      this.#settle = false;
      const { devices, unsettled } = await this.#source.scan({ settle });
      if (this.#stop === null) return;
      this.#compare(devices);
      this.#awaitSettling(unsettled);
    }
  }

  /** Events show when something is settled; the clock only ends the wait for a udevd that never finishes. */
  #awaitSettling(unsettled: boolean): void {
    if (!unsettled) {
      this.#settling?.abort();
      this.#settling = null;
      return;
    }
    if (this.#settling !== null) return;
    const settling = new AbortController();
    this.#settling = settling;
    this.#clock.sleep(settleTimeoutMs, settling.signal).then(
      () => {
        this.#settling = null;
        this.#settle = true;
        void this.#hint();
      },
      () => undefined,
    );
  }

  #compare(devices: readonly ScannedDevice[]): void {
    const before = this.#known;
    const now = new Map(devices.map((entry) => [entry.device.portPath, entry] as const));
    this.#known = now;
    for (const [portPath, entry] of before) {
      if (now.get(portPath)?.arrival !== entry.arrival) this.#tell({ type: 'detach', portPath });
    }
    for (const [portPath, { device, arrival }] of now) {
      const known = before.get(portPath);
      if (known?.arrival !== arrival) this.#tell({ type: 'attach', device });
      else if (!sameDevice(known.device, device)) this.#tell({ type: 'change', device });
    }
  }

  #tell(event: UsbDeviceEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function sameDevice(one: UsbDevice, other: UsbDevice): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
