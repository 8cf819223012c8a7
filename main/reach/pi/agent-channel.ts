/** A running agent's input and output. */
export interface AgentChannel {
  /** For messages: `pi@voron.local`. */
  readonly label: string;
  write(bytes: Uint8Array): void;
  /** Set once, before anything arrives. */
  onData: (bytes: Uint8Array) => void;
  /** Resolves when the agent has ended, with why: `shell/lost` if the connection broke. */
  readonly ended: Promise<Error>;
  /** Ends the agent's input, so that it cleans up and ends; resolves when it has. */
  close(): Promise<void>;
}
