import type { PortPath } from '../../app/place.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceSource, ScannedDevice } from './device-source.ts';

/** How long udevd may take before a device is shown as the kernel left it. */
const settleTimeoutMs = 2_000;

type Listener = (event: UsbDeviceEvent) => void;

/** A scan that has not begun, and those who wait for what it reports. */
interface WantedScan {
  readonly reported: Promise<void>;
  readonly begin: (scan: Promise<void>) => void;
}

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
  #isScanning = false;
  #wanted: WantedScan | null = null;
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

  /** Resolves when a scan that began after this call has been reported, however many more are wanted by then. */
  #hint(): Promise<void> {
    this.#wanted ??= wantedScan();
    const { reported } = this.#wanted;
    if (!this.#isScanning) void this.#scanWhileWanted();
    return reported;
  }

  async #scanWhileWanted(): Promise<void> {
    this.#isScanning = true;
    for (let wanted = this.#wanted; wanted !== null; wanted = this.#wanted) {
      this.#wanted = null;
      // With the last listener gone there is nothing left to report.
      wanted.begin(this.#stop === null ? Promise.resolve() : this.#scanOnce());
      await wanted.reported.catch(() => undefined);
    }
    this.#isScanning = false;
  }

  async #scanOnce(): Promise<void> {
    const settle = this.#settle;
    this.#settle = false;
    const { devices, unsettled } = await this.#source.scan({ settle });
    if (this.#stop === null) return;
    this.#compare(devices);
    this.#awaitSettling(unsettled);
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

function wantedScan(): WantedScan {
  let begin: WantedScan['begin'] = () => undefined;
  const reported = new Promise<void>((resolve) => (begin = resolve));
  reported.catch(() => undefined); // only `add` waits for it
  return { reported, begin };
}

function sameDevice(one: UsbDevice, other: UsbDevice): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
