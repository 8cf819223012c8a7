import { ArmedFaults } from '../../../../main/sim/armed-faults.ts';
import { AttachedDevice } from '../../../../main/sim/bus/attached-device.ts';
import { BootRom } from '../../../../main/sim/boot-rom/boot-rom.ts';
import type { RpName } from '../../../../main/sim/boot-rom/boot-rom-descriptors.ts';
import { Flash } from '../../../../main/sim/flash/flash.ts';
import { SimUsbLink } from '../../../../main/sim/links/sim-usb-link.ts';
import { Timeline } from '../../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';

export const rpFlashStart = 0x10000000;
export const chipId = 'E6605481DB318A2F';

/** One chip in BOOTSEL, whose flash outlives what happens to it. */
export class BootRomRig {
  readonly clock = new VirtualClock();
  readonly faults = new ArmedFaults(() => undefined);
  readonly mcu: RpName;
  readonly flash: Flash;
  /** What the ROM was asked to start, and when. */
  readonly restarts: { readonly delayMs: number; readonly into: string }[] = [];
  #power = new AbortController();
  #device: AttachedDevice;

  constructor(mcu: RpName = 'rp2040', flashKiB = 2048) {
    this.mcu = mcu;
    const count = flashKiB / 4;
    const sectors = Array.from({ length: count }, (_, at) => ({
      address: rpFlashStart + at * 4096,
      size: 4096,
    }));
    this.flash = new Flash(flashKiB, sectors);
    this.#device = this.#attach();
  }

  get isAttached(): boolean {
    return this.#device.attached;
  }

  /** The link that a program gets when it opens the device. */
  open(): SimUsbLink {
    return new SimUsbLink(this.#device, this.clock);
  }

  unplug(): void {
    this.#power.abort(new Error('no power'));
    this.#device.detach();
  }

  /** Plugs it in again with the button held. */
  replug(): void {
    if (this.isAttached) this.unplug();
    this.#power = new AbortController();
    this.#device = this.#attach();
  }

  #attach(): AttachedDevice {
    const { clock, faults, flash, mcu } = this;
    const unplug = (): void => this.unplug();
    const fn = new BootRom({
      ...{ mcu, chipId, flash, clock, timeScale: 1, faults, unplug },
      power: this.#power.signal,
      restart: (delayMs, into) => void this.#restart(delayMs, into),
    });
    const bus = new Timeline(clock, 1);
    return new AttachedDevice({ portPath: '1-1', mode: 'bootsel', fn, faults, bus, unplug });
  }

  async #restart(delayMs: number, into: string): Promise<void> {
    this.restarts.push({ delayMs, into });
    const gone = await this.clock.sleep(delayMs, this.#power.signal).catch(() => 'gone');
    if (gone === undefined) this.unplug();
  }
}
