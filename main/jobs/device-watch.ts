import { type PlaceId, usbPlacesHere, type UsbPlaces } from '../../app/place.ts';
import { cancelled } from '../../app/cancelled.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import { CanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceAccess } from '../devices/device-access.ts';

/** A device as it is now, and its arrival on its port: a board that came back has a higher `arrival`. */
export interface PresentDevice {
  readonly device: UsbDevice;
  readonly place: PlaceId;
  readonly arrival: number;
}

interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait early, without an error. */
  readonly until?: AbortSignal | undefined;
}

/** Follows the devices of one computer and lets callers wait for what they need to see, by events. */
export class DeviceWatch implements Disposable {
  /** The places that the ports of its computer are. */
  readonly places: UsbPlaces;
  readonly #clock: Clock;
  readonly #present = new Map<PlaceId, PresentDevice>();
  /** How often a device on a port could not be enumerated. */
  readonly #unreadable = new Map<PlaceId, number>();
  readonly #waiters = new Set<() => void>();
  #arrivals = 0;
  #lost: CanopusError | null = null;
  #stop: () => void = () => undefined;

  /** Knows of no device before `start`. */
  constructor(clock: Clock, places: UsbPlaces = usbPlacesHere) {
    this.places = places;
    this.#clock = clock;
  }

  /** Resolves when the devices that are there now are known. */
  static async open(devices: DeviceAccess, clock: Clock, places?: UsbPlaces): Promise<DeviceWatch> {
    const watch = new DeviceWatch(clock, places);
    await watch.start(devices);
    return watch;
  }

  /** Follows the devices from now on; resolves as `open` does. */
  async start(devices: DeviceAccess): Promise<void> {
    this.#stop();
    this.#stop = await devices.watch((event) => this.#take(event));
  }

  /** Nothing is seen any more: every wait ends with this error. */
  lose(error: CanopusError): void {
    this.#lost ??= error;
    this.#wake();
  }

  /** The device on the port now. */
  at(place: PlaceId): PresentDevice | null {
    return this.#present.get(place) ?? null;
  }

  /** How often the system has reported so far that a device on a port cannot be enumerated. */
  unreadable(place: PlaceId): number {
    return this.#unreadable.get(place) ?? 0;
  }

  /** Everything that is there now. */
  all(): readonly UsbDevice[] {
    return [...this.#present.values()].map((entry) => entry.device);
  }

  /**
   * Returns the first result of `decide` that is not null: called at once and after every event. Returns null if there
   * is none within `timeoutMs`, or before `until` is aborted; throws `cancelled` if `signal` is aborted, and what the
   * devices were lost to.
   */
  async waitFor<T>(decide: (watch: this) => T | null, options: WaitOptions): Promise<T | null> {
    options.signal?.throwIfAborted();
    this.#throwIfLost();
    const now = decide(this);
    if (now !== null) return now;
    const enough = new AbortController();
    const ends = [options.signal, options.until].filter((end) => end !== undefined);
    const signal = AbortSignal.any([...ends, enough.signal]);
    let found: T | null = null;
    const look = (): void => {
      found = this.#lost === null ? decide(this) : null;
      if (found !== null || this.#lost !== null) enough.abort();
    };
    this.#waiters.add(look);
    try {
      await this.#clock.sleep(options.timeoutMs, signal);
    } catch (error) {
      if (options.signal?.aborted === true) throw cancelledBy(options.signal);
      if (!signal.aborted) throw error;
    } finally {
      this.#waiters.delete(look);
    }
    this.#throwIfLost();
    return found;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #take(event: UsbDeviceEvent): void {
    if (event.type === 'detach') {
      this.#present.delete(this.places.placeOf(event.portPath));
    } else if (event.type === 'unreadable') {
      const place = this.places.placeOf(event.portPath);
      this.#unreadable.set(place, this.unreadable(place) + 1);
    } else {
      const { device } = event;
      const place = this.places.placeOf(device.portPath);
      const known = this.#present.get(place);
      const arrival = event.type === 'change' && known ? known.arrival : (this.#arrivals += 1);
      this.#present.set(place, { device, place, arrival });
    }
    this.#wake();
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  #throwIfLost(): void {
    if (this.#lost !== null) throw this.#lost;
  }
}

function cancelledBy(signal: AbortSignal): CanopusError {
  const { reason } = signal as { reason: unknown };
  if (reason instanceof CanopusError) return reason;
  return cancelled({ cause: reason });
}
