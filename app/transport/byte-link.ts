/**
 * An open, ordered, exclusive byte pipe to one device. Chunk boundaries mean nothing.
 * After close every method rejects with `link/closed`, after unplug with `link/gone`.
 * An aborted or timed-out read loses no bytes: the next read answers them.
 */
export interface ByteLink extends AsyncDisposable {
  /** For messages: what was opened, such as a tty's name. */
  readonly label: string;
  /** Resolves when all bytes were handed to the device's driver. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** At least one byte, as soon as there is any; rejects with `link/timeout` when none came in time. */
  read(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array>;
  close(): Promise<void>;
}
