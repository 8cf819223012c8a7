/** The setup stage of a USB control transfer without wLength, which follows from the data (USB 2.0, 9.3). */
export interface ControlSetup {
  readonly bmRequestType: number;
  readonly bRequest: number;
  readonly wValue: number;
  readonly wIndex: number;
}

export interface TransferOptions {
  /** How long the device may take; 0 is not allowed, every transfer ends. */
  readonly timeoutMs: number;
  /** Ends the wait. A transfer that the device already has is cancelled on the bus where the platform can. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One opened USB device, claimed by nobody else.
 *
 * Every method rejects with a CanopusError: `link/stall` when the device refuses (the pipe works again for the next
 * control transfer), `link/timeout`, `link/closed` after close, `link/gone` after unplug, `link/io` for anything
 * else. Two transfers on the same endpoint are answered in the order they were asked.
 */
export interface UsbLink extends AsyncDisposable {
  /** For messages: vendor:product at port path. */
  readonly label: string;
  readonly portPath: string;
  /** Device descriptor followed by nothing: 18 bytes as the device sent them. */
  readonly deviceDescriptor: Uint8Array;
  /** The active configuration's whole blob (wTotalLength bytes), class-specific descriptors included. */
  readonly configurationDescriptor: Uint8Array;
  /** IN control transfer; answers what arrived, at most `length` bytes. */
  controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array>;
  /** OUT control transfer of all of `data` (may be empty). */
  controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void>;
  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array>;
  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void>;
  /** Takes the interface; on Linux a kernel driver bound to it is detached and put back on close. */
  claimInterface(interfaceNumber: number): Promise<void>;
  setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void>;
  close(): Promise<void>;
}
