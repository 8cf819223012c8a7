import type { PortPath } from '../../../app/place.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import { AttachedDevice } from '../bus/attached-device.ts';
import type { UsbFunction } from '../bus/usb-function.ts';
import type { FaultMode } from '../fault.ts';
import type { Timeline } from '../time/timeline.ts';

interface UsbPresenceOptions {
  readonly clock: Clock;
  readonly timeScale: number;
  /** From the pull-up to enumeration. */
  readonly enumerationMs: number;
  readonly faults: ArmedFaults;
  readonly bus: Timeline;
  readonly attached: (device: AttachedDevice) => void;
  readonly detached: (device: AttachedDevice) => void;
  /** The host cannot enumerate what pulls the line up. */
  readonly unreadable: () => void;
  /** A fault pulls the cable. */
  readonly unplug: () => void;
}

/** A board's end of the USB cable: a device appears on the bus shortly after the cable is in a port. */
export class UsbPresence {
  readonly #options: UsbPresenceOptions;
  #port: PortPath | null = null;
  /** `unreadable`: the pull-up alone. */
  #shown: { readonly mode: FaultMode; readonly fn: UsbFunction } | 'unreadable' | null = null;
  #device: AttachedDevice | null = null;
  /** Aborted when the cable is pulled or the program ends. */
  #coming = new AbortController();

  constructor(options: UsbPresenceOptions) {
    this.#options = options;
  }

  get device(): AttachedDevice | null {
    return this.#device;
  }

  plug(port: PortPath): void {
    this.#port = port;
    this.#enumerate();
  }

  unplug(): void {
    this.#port = null;
    this.#leave();
  }

  show(mode: FaultMode, fn: UsbFunction): void {
    this.#shown = { mode, fn };
    this.#enumerate();
  }

  /** Pulls the line up without a device that could be enumerated. */
  pullUp(): void {
    this.#shown = 'unreadable';
    this.#enumerate();
  }

  hide(): void {
    this.#shown = null;
    this.#leave();
  }

  #enumerate(): void {
    const { faults, clock, timeScale, enumerationMs } = this.#options;
    if (this.#shown === null || this.#port === null || faults.take('no-return')) return;
    const extraMs = faults.take('slow-enumeration')?.extraMs ?? 0;
    this.#coming = new AbortController();
    clock.sleep((enumerationMs + extraMs) * timeScale, this.#coming.signal).then(
      () => this.#arrive(),
      () => undefined,
    );
  }

  #arrive(): void {
    if (this.#shown === null || this.#port === null) return;
    const { faults, bus, unplug, attached, unreadable } = this.#options;
    if (this.#shown === 'unreadable') {
      unreadable();
      return;
    }
    this.#device = new AttachedDevice({ portPath: this.#port, ...this.#shown, faults, bus, unplug });
    attached(this.#device);
  }

  #leave(): void {
    this.#coming.abort();
    const device = this.#device;
    if (device === null) return;
    this.#device = null;
    device.detach();
    this.#options.detached(device);
  }
}
