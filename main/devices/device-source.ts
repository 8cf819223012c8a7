import type { UsbDevice } from '../../app/boards/usb-device.ts';

/** A device as one scan found it. */
export interface ScannedDevice {
  readonly device: UsbDevice;
  /** Differs when the same port holds another arrival: what came back is not what was there. */
  readonly arrival: string;
  /** How libusb knows it; null where libusb does not list it, so that it cannot be opened. */
  readonly native: { readonly busNumber: number; readonly deviceAddress: number } | null;
}

export interface Scan {
  readonly devices: readonly ScannedDevice[];
  /** True while the system is still setting a device up; what is held back is settled some events later. */
  readonly unsettled: boolean;
}

/** One system's way to look at its USB devices. */
export interface DeviceSource {
  /** What is plugged in now, hubs left out. With `settle` also what the system has not finished setting up. */
  scan(options?: { settle?: boolean }): Promise<Scan>;
  /** Calls `hint` whenever a new scan could find something else, until the answered function is called. */
  watch(hint: () => void): () => void;
  /** See `DeviceAccess`. */
  readsDeviceTree?(): Promise<boolean>;
  /** Ends what the source keeps running between scans. */
  close?(): void;
}
