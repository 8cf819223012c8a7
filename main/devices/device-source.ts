import type { UsbDevice } from '../../app/boards/usb-device.ts';

/** A device as one scan found it. */
export interface ScannedDevice {
  readonly device: UsbDevice;
  /** Differs after the device was plugged in again: a device that comes back is a new arrival. */
  readonly arrival: string;
  /** libusb's view of it; null if libusb does not list it, so that it cannot be opened. */
  readonly native: { readonly busNumber: number; readonly deviceAddress: number } | null;
}

export interface Scan {
  readonly devices: readonly ScannedDevice[];
  /** True while the system is still setting a device up; later events settle it. */
  readonly unsettled: boolean;
}

/** One system's way of listing its USB devices. */
export interface DeviceSource {
  /** The present devices without hubs. With `settle`, includes those that the system has not finished setting up. */
  scan(options?: { settle?: boolean }): Promise<Scan>;
  /** Calls `hint` whenever a new scan could find something else, until the returned function is called. */
  watch(hint: () => void): () => void;
  /** See `DeviceAccess`. */
  readsDeviceTree?(): Promise<boolean>;
  /** Ends everything that the source keeps running between scans. */
  close?(): void;
}
