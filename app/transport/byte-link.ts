/** One message of a list, and the reply that it must have; see `ByteLink.exchange`. */
export interface ByteRequest {
  readonly bytes: Uint8Array;
  /** The reply is as said if it begins with these bytes and has this length. */
  readonly replyBegins: Uint8Array;
  readonly replyLength: number;
  /** From the reply before, or from sending, to this reply. */
  readonly timeoutMs: number;
}

export interface ByteReplies {
  /** How many of the list were sent. */
  readonly sent: number;
  /** All that arrived, in order. */
  readonly bytes: Uint8Array;
  /** True if it ended because a reply did not come in time. */
  readonly isSilent: boolean;
}

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
  /**
   * Only on a link that is far away, where every message costs a round trip: sends a list of messages there with at most
   * `window` of them unanswered, at least `refill` together while others are, and returns what arrived. Ends at the first
   * reply that is not as said; what arrives afterwards is read as usual.
   */
  exchange?(
    list: readonly ByteRequest[],
    options: { readonly window: number; readonly refill: number },
  ): Promise<ByteReplies>;
  close(): Promise<void>;
}
