import ssh2 from 'ssh2';
import type { BaseAgent, IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';

/** An agent may have to ask a person to unlock it, or to confirm the use of a key. */
const listMs = 30_000;
const signMs = 60_000;

/** The keys of an agent, of the types that ssh2 knows; null if it cannot be asked. */
export async function keysOfAgent(path: string): Promise<ParsedKey[] | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), listMs);
    ssh2.createAgent(path).getIdentities((error, keys) => {
      clearTimeout(timer);
      // ssh2 parses an agent's reply before passing it on; its types allow for other agents.
      resolve(error ? null : ((keys ?? []) as ParsedKey[]));
    });
  });
}

/** Some keys of an agent, in the order to offer them: a server counts them, and may hang up after six. */
export class AgentKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent;
  readonly #keys: readonly ParsedKey[];
  readonly #onAsking: (asking: boolean) => void;

  constructor(path: string, keys: readonly ParsedKey[], onAsking: (asking: boolean) => void) {
    super();
    this.#agent = ssh2.createAgent(path);
    this.#keys = keys;
    this.#onAsking = onAsking;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [...this.#keys]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const [request, told] = typeof options === 'function' ? [{}, options] : [options, callback];
    let isOver = false;
    const finish: SignCallback = (error, signature) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      this.#onAsking(false);
      told?.(error, signature);
    };
    const late = (): void => finish(new Error(`the agent did not sign within ${signMs / 1000} s`));
    const timer = setTimeout(late, signMs);
    this.#onAsking(true);
    this.#agent.sign(key, data, request, finish);
  }
}
