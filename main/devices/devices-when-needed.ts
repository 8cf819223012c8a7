import type { DeviceAccess } from './device-access.ts';

/** Devices that are opened with the first thing that is asked of them, and not at all without one. */
export class DevicesWhenNeeded implements DeviceAccess {
  readonly #open: () => Promise<DeviceAccess>;
  #opened: Promise<DeviceAccess> | null = null;

  constructor(open: () => Promise<DeviceAccess>) {
    this.#open = open;
  }

  list: DeviceAccess['list'] = async () => (await this.#devices()).list();

  watch: DeviceAccess['watch'] = async (listener) => (await this.#devices()).watch(listener);

  openUsb: DeviceAccess['openUsb'] = async (port) => (await this.#devices()).openUsb(port);

  openSerial: DeviceAccess['openSerial'] = async (...args) => (await this.#devices()).openSerial(...args);

  requestBootloader: DeviceAccess['requestBootloader'] = async (port) =>
    (await this.#devices()).requestBootloader(port);

  async readsDeviceTree(): Promise<boolean> {
    return (await (await this.#devices()).readsDeviceTree?.()) ?? true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    await opened?.[Symbol.asyncDispose]();
  }

  /** What could not be opened is tried again the next time. */
  #devices(): Promise<DeviceAccess> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}
