/** The setup stage of a USB control transfer without wLength, which follows from the data (USB 2.0, 9.3). */
export interface ControlSetup {
  readonly bmRequestType: number;
  readonly bRequest: number;
  readonly wValue: number;
  readonly wIndex: number;
}

export interface TransferOptions {
  /** The time-out for the device; 0 is not allowed, every transfer ends. */
  readonly timeoutMs: number;
  /** Ends the wait. A transfer that the device already has is cancelled on the bus if the platform can do so. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One opened USB device with exclusive claims.
 *
 * Every method throws a CanopusError: `link/stall` when the device refuses (the pipe works again for the next control
 * transfer), `link/timeout`, `link/closed` after close, `link/gone` after unplug, `link/io` for anything else. Two
 * transfers on the same endpoint complete in the order they were requested.
 */
export interface UsbLink extends AsyncDisposable {
  /** For messages: vendor:product at port path. */
  readonly label: string;
  readonly portPath: string;
  /** The raw 18 bytes of the device descriptor. */
  readonly deviceDescriptor: Uint8Array;
  /** The active configuration as a whole (wTotalLength bytes), including class-specific descriptors. */
  readonly configurationDescriptor: Uint8Array;
  /** IN control transfer; returns what arrived, at most `length` bytes. */
  controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array>;
  /** OUT control transfer of all of `data` (may be empty). */
  controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void>;
  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array>;
  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void>;
  /** Claims the interface; on Linux a kernel driver bound to it is detached, and reattached on close. */
  claimInterface(interfaceNumber: number): Promise<void>;
  setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void>;
  close(): Promise<void>;
}
