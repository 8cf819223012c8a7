/**
 * An open, ordered, exclusive byte pipe to one device. Chunk boundaries mean nothing. After close every method throws
 * `link/closed`, after unplug `link/gone`. An aborted or timed-out read loses no bytes: the next read returns them.
 */
export interface ByteLink extends AsyncDisposable {
  /** For messages: what was opened, such as a tty's name. */
  readonly label: string;
  /** Resolves when the device's driver has all bytes. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** At least one byte, as soon as there is any; throws `link/timeout` if none came in time. */
  read(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array>;
  close(): Promise<void>;
}
