import type { PortPath } from '../../app/place.ts';
import type { BoardMode } from '../../app/boards/board-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import type { BenchInput } from '../../main/sim/bench-config.ts';
import type { DeviceAccess } from '../../main/devices/device-access.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { guestPrograms } from './build-for-guest.ts';
import type { Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { openRemoteDevices, type RemoteDevices } from './remote/remote-devices.ts';

const timeoutMs = 30_000;

/** What the boards of a bench show on USB; a bridge is a bridge, whatever the guest makes of it. */
type ShownMode = Exclude<BoardMode, 'unknown'>;

/** Virtual boards in this process, plugged into the guest's kernel, and the guest's own view of its real devices. */
export class GuestBench<Devices extends DeviceAccess = RemoteDevices> implements AsyncDisposable {
  readonly bench: VirtualBench;
  readonly devices: Devices;
  readonly #plugged: PluggedBench;
  /** Called with every event of the bench and of the guest's devices. */
  readonly #onEvent = new Set<() => void>();

  private constructor(bench: VirtualBench, devices: Devices, plugged: PluggedBench) {
    this.bench = bench;
    this.devices = devices;
    this.#plugged = plugged;
  }

  /** `timeScale` times every duration of the boards. */
  static async open(guest: Guest, input: BenchInput, timeScale?: number): Promise<GuestBench> {
    const devices = await openRemoteDevices(guest, guestPrograms.deviceServer);
    return await GuestBench.seenBy(devices, guest, input, timeScale);
  }

  /** The same, with another view of the guest's devices; it is closed with the bench. */
  static async seenBy<Devices extends DeviceAccess>(
    devices: Devices,
    guest: Guest,
    input: BenchInput,
    timeScale?: number,
  ): Promise<GuestBench<Devices>> {
    const bench = new VirtualBench(input, { clock: systemClock, timeScale });
    const opened = new GuestBench(bench, devices, await plugBench(guest, bench));
    const tell = (): void => {
      for (const listener of [...opened.#onEvent]) listener();
    };
    bench.listen(tell);
    await devices.watch(tell);
    return opened;
  }

  /**
   * The device that the board on this port shows now, as the guest sees it: never one that was there before. Waits for
   * the mode, for the guest and for the serial port that belongs to the mode.
   */
  async present(portPath: PortPath, mode: ShownMode): Promise<UsbDevice> {
    const needsTty = mode === 'katapult' || mode === 'klipper-serial';
    return this.#when(`a board in mode ${mode} on port ${portPath}`, async () => {
      const shown = this.bench.boardAt(portPath)?.device ?? null;
      if (shown?.mode !== mode) return null;
      // From then on the guest sees this one or nothing: its kernel has let go what was there before.
      await this.#plugged.attached(shown);
      const seen = (await this.devices.list()).find((device) => device.portPath === portPath);
      return seen === undefined || (needsTty && seen.tty === null) ? null : seen;
    });
  }

  /** Resolves when the guest sees nothing on this port. */
  async absent(portPath: PortPath): Promise<void> {
    await this.#when(`nothing on port ${portPath}`, async () => {
      const devices = await this.devices.list();
      return devices.some((device) => device.portPath === portPath) ? null : true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onEvent.clear();
    await this.#plugged[Symbol.asyncDispose]();
    await this.devices[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }

  /** The result of `look` once it is not null: called at once and after every event. */
  async #when<T>(what: string, look: () => Promise<T | null>): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    let happened = Promise.resolve();
    let wake = (): void => undefined;
    const arm = (): void => {
      happened = new Promise((resolve) => (wake = resolve));
    };
    const listener = (): void => wake();
    this.#onEvent.add(listener);
    try {
      for (;;) {
        arm();
        const found = await look();
        if (found !== null) return found;
        const timer = setTimeout(wake, Math.max(0, deadline - performance.now()));
        await happened;
        clearTimeout(timer);
        if (performance.now() >= deadline) break;
      }
    } finally {
      this.#onEvent.delete(listener);
    }
    const boards = this.bench.boards.map(({ id, port, running }) => `${id} on ${port} is ${running}`);
    const seen = JSON.stringify(await this.devices.list());
    throw new Error(
      `${what} did not come within ${timeoutMs / 1000} s; ${boards.join(', ')}; the guest sees ${seen}`,
    );
  }
}
