import type { UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import type { PortPath } from '../../app/place.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';

/**
 * The USB devices of one computer, real (`HostDevices`) or virtual (`VirtualDevices`).
 *
 * Opening throws `device/not-found` if the port is empty, and `link/access`, `link/busy` or `link/no-driver` if the
 * operating system refuses.
 */
export interface DeviceAccess extends AsyncDisposable {
  /** Everything plugged in now. */
  list(): Promise<readonly UsbDevice[]>;
  /**
   * Calls `listener` with the present devices (as `attach`), then with every change, in order, until the returned
   * function is called. Resolves after the first list. Events, not polling, where the platform has them.
   */
  watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void>;
  /** Windows: whether its own list of devices can be read, without which a device without a driver stays invisible. */
  readsDeviceTree?(): Promise<boolean>;
  openUsb(portPath: PortPath): Promise<UsbLink>;
  /** Opens the device's serial port raw, 8N1, with DTR asserted. */
  openSerial(portPath: PortPath, options?: { baudRate?: number }): Promise<ByteLink>;
  /** Opens at 1200 baud and drops DTR, then closes: asks Klipper's USB serial firmware for its bootloader. */
  requestBootloader(portPath: PortPath): Promise<void>;
}
