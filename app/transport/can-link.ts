/** A classic CAN frame. `id` is 11 bits, or 29 if `extended`. */
export interface CanFrame {
  readonly id: number;
  readonly extended: boolean;
  /** 0 to 8 bytes. */
  readonly data: Uint8Array;
}

/** A started CAN interface. Does not receive frames that this side sent. Errors as for ByteLink. */
export interface CanLink extends AsyncDisposable {
  readonly label: string;
  send(frame: CanFrame, signal?: AbortSignal): Promise<void>;
  receive(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<CanFrame>;
  close(): Promise<void>;
}
