import type { AnyAuthMethod, AuthHandlerMiddleware, AuthenticationType } from 'ssh2';
import { toCanopusError, type CanopusError } from '../../../app/errors.ts';
import type { SshAccess } from './ssh-access.ts';
import type { SshDestination } from './ssh-destination.ts';
import { loadPrivateKey } from './ssh-keys.ts';

const passwordAttempts = 3;

/** The ways to log in to one server, tried in order and asked for only when their turn comes. */
export class SshAuthenticator {
  /** What was tried so far, for messages; never a secret. */
  readonly tried: string[] = [];
  /** What the server still accepts, as it said last. */
  accepted: readonly string[] = [];
  /** Why the work stopped before the server refused it, such as a key file that cannot be read. */
  failure: CanopusError | null = null;
  /** True while a person is being asked; the clock of the connection stands still meanwhile. */
  asking = false;
  readonly #destination: SshDestination;
  readonly #access: SshAccess;
  readonly #label: string;
  readonly #methods: AsyncGenerator<AnyAuthMethod, void>;

  constructor(destination: SshDestination, access: SshAccess, label: string) {
    this.#destination = destination;
    this.#access = access;
    this.#label = label;
    this.#methods = this.#each();
  }

  /** For ssh2: answers the next method to try, or false where there is none left. */
  readonly handler: AuthHandlerMiddleware = (left, _partial, next) => {
    // Before the first attempt ssh2 passes null, whatever its types say.
    const told = left as readonly AuthenticationType[] | null;
    if (told !== null) this.accepted = told;
    const giveUp = next as (method: AnyAuthMethod | false) => void;
    this.#methods.next().then(
      ({ value }) => giveUp(value ?? false),
      (error: unknown) => {
        this.failure = toCanopusError(error);
        giveUp(false);
      },
    );
  };

  #allows(method: string): boolean {
    return this.accepted.length === 0 || this.accepted.includes(method);
  }

  async #ask<T>(question: Promise<T>): Promise<T> {
    this.asking = true;
    try {
      return await question;
    } finally {
      this.asking = false;
    }
  }

  async *#each(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#destination.user;
    const explicit = new Set(this.#access.keyFiles);
    const files = [...new Set(this.#destination.keyFiles)];
    yield* this.#keys(
      files.filter((file) => explicit.has(file)),
      false,
    );
    const { agent } = this.#access;
    if (agent !== null && !this.#destination.identitiesOnly && this.#allows('publickey')) {
      this.tried.push('agent');
      yield { type: 'agent', username, agent };
    }
    yield* this.#keys(
      files.filter((file) => !explicit.has(file)),
      true,
    );
    if (this.accepted.length === 0) {
      // No key was there to try: ask the server what it accepts before a person is asked for a password.
      yield { type: 'none', username };
    }
    yield* this.#passwords();
  }

  async *#keys(files: readonly string[], optional: boolean): AsyncGenerator<AnyAuthMethod, void> {
    for (const keyFile of files) {
      if (!this.#allows('publickey')) return;
      const key = await this.#ask(loadPrivateKey(keyFile, optional, this.#access.questions));
      if (key === null) continue;
      this.tried.push(keyFile);
      yield { type: 'publickey', username: this.#destination.user, key };
    }
  }

  async *#passwords(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#destination.user;
    for (let attempt = 1; attempt <= passwordAttempts; attempt += 1) {
      const plain = this.#allows('password');
      if (!plain && !this.#allows('keyboard-interactive')) return;
      const password = await this.#ask(this.#access.questions.password({ label: this.#label, attempt }));
      if (password === null) return;
      if (attempt === 1) this.tried.push('password');
      if (plain) {
        yield { type: 'password', username, password };
      } else {
        yield {
          type: 'keyboard-interactive',
          username,
          // PAM asks for the password with one hidden prompt; anything else it asks is not ours to answer.
          prompt: (_name, _instructions, _lang, prompts, finish) =>
            finish(prompts.map((prompt) => (prompt.echo === true ? '' : password))),
        };
      }
    }
  }
}
