/** Receives the texts of a link. */
export interface LinkReceiver {
  text(text: string): void;
  /** Called once, whichever side closed; nothing comes after it. */
  closed(reason: string): void;
}

/**
 * An ordered pipe of whole texts between two ends: an Electron MessagePort, a WebSocket or a pair in memory.
 * Nothing is lost before `open`: texts that arrive earlier are delivered then.
 */
export interface TextLink {
  /** Delivers to the receiver from now on, never from within this call. Once per link. */
  open(receiver: LinkReceiver): void;
  /** Never throws; after close nothing is sent. */
  send(text: string): void;
  /** The other side gets `reason` if the link can carry it. Texts sent before are delivered first. */
  close(reason: string): void;
}
