/** A classic CAN frame. `id` is 11 bits, or 29 if `extended`. */
export interface CanFrame {
  readonly id: number;
  readonly extended: boolean;
  /** 0 to 8 bytes. */
  readonly data: Uint8Array;
}

/** An adapter's place on the bus by its error counters (Bosch CAN Specification 2.0, 7). */
export type CanHealth = 'error-active' | 'error-passive' | 'bus-off';

/**
 * A started CAN interface. Does not receive frames that this side sent, nor remote requests. Errors as for ByteLink: after
 * close every method throws `link/closed`, after unplug `link/gone`; an aborted or timed-out wait loses no frame.
 */
export interface CanLink extends AsyncDisposable {
  readonly label: string;
  /** As the adapter last reported it; null if it never did, as Klipper's bridge never does. */
  readonly health: CanHealth | null;
  /**
   * Resolves when the adapter's driver has the frame, which proves nothing about the wires. Frames go out in the order of
   * the calls, which need not wait for each other.
   */
  send(frame: CanFrame, signal?: AbortSignal): Promise<void>;
  /** The next frame of another node, as soon as there is one; throws `link/timeout` if none came in time. */
  receive(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<CanFrame>;
  close(): Promise<void>;
}
