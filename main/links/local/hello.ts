/** What a client sends first. */
export interface Hello {
  /** The contract's name on the wire. */
  readonly protocol: string;
  /** Of Canopus: two versions may have different calls of the same name. */
  readonly version: string;
  /** From the data folder: anyone who can read it may use the station. */
  readonly token: string;
}

export function encodeHello({ protocol, version, token }: Hello): string {
  return JSON.stringify({ protocol, version, token });
}

/** Null for anything else. */
export function parseHello(text: string): Hello | null {
  try {
    const { protocol, version, token } = JSON.parse(text) as Partial<Record<keyof Hello, unknown>>;
    if (typeof protocol !== 'string' || typeof version !== 'string' || typeof token !== 'string') return null;
    return { protocol, version, token };
  } catch {
    return null;
  }
}
