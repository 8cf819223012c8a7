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

/** Bytes that a reply must have: pairs of an offset and a value. */
export type ExpectedBytes = readonly (readonly [offset: number, value: number])[];

/** One control transfer of a list; see `UsbLink.exchange`. */
export interface UsbRequest {
  readonly setup: ControlSetup;
  /** What is sent; null for an IN transfer. */
  readonly data: Uint8Array | null;
  /** How much is asked for; 0 for an OUT transfer. */
  readonly length: number;
  readonly timeoutMs: number;
  /** The reply is as said if it has these bytes. */
  readonly expect?: ExpectedBytes;
  /** A shorter reply is not as said. */
  readonly isWhole?: boolean;
  /**
   * A reply with these bytes means that the device is not done: the same transfer is repeated after the wait in ms that
   * the reply has at `waitAt` (`waitBytes` bytes, little-endian; a growing pause for 0), for at most `limitMs`.
   */
  readonly again?: {
    readonly expect: ExpectedBytes;
    readonly waitAt: number;
    readonly waitBytes: number;
    readonly limitMs: number;
  };
}

/** What one transfer of a list brought: its bytes, or why it failed. */
export type UsbReply =
  { readonly bytes: Uint8Array; readonly error: null } | { readonly bytes: null; readonly error: Error };

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
  /**
   * Only on a link that is far away, where every transfer costs a round trip: does a list of transfers there, each after
   * the whole reply to the one before, and returns the replies together, those of repeated transfers too. Ends at the
   * first reply that is not as said, which is the last one returned.
   */
  exchange?(list: readonly UsbRequest[]): Promise<readonly UsbReply[]>;
  close(): Promise<void>;
}
