import type { AnyAuthMethod, AuthHandlerMiddleware, AuthenticationType, ParsedKey } from 'ssh2';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import { loginPromptKind } from '../../../app/pi/login-prompt.ts';
import { quoted } from '../../../app/quoted.ts';
import { AgentKeys, keysOfAgent } from './agent-keys.ts';
import type { SshAccess } from './ssh-access.ts';
import type { SshDestination } from './ssh-destination.ts';
import { publicKeyOf, readKeyFile, unlockKey, type KeyFile } from './ssh-keys.ts';

const passwordAttempts = 3;

/** The ways to log in to one server, tried in order and prepared only when their turn comes. */
export class SshAuthenticator {
  /** What was tried so far, for messages; never a secret. */
  readonly tried: string[] = [];
  /** What could not be used, with the reason; never a secret. */
  readonly passedOver: string[] = [];
  /** The methods that the server still accepts, from its last reply. */
  accepted: readonly string[] = [];
  /** Why the login stopped before the server refused it, such as an unreadable key file. */
  failure: CanopusError | null = null;
  /** True while a person is being asked; the time-out of the connection is suspended meanwhile. */
  asking = false;
  readonly #destination: SshDestination;
  readonly #access: SshAccess;
  readonly #label: string;
  readonly #methods: AsyncGenerator<AnyAuthMethod, void>;
  /** How often the password was asked for since the server was last content. */
  #asked = 0;
  #lastPassword: string | null = null;
  #isExpired = false;
  /** A person has no more to give. */
  #gaveUp = false;
  /** The agent's keys, once it was asked. */
  #held: readonly ParsedKey[] | null = null;

  constructor(destination: SshDestination, access: SshAccess, label: string) {
    this.#destination = destination;
    this.#access = access;
    this.#label = label;
    this.#methods = this.#each();
  }

  /** For ssh2: returns the next method to try, or false if there is none left. */
  readonly handler: AuthHandlerMiddleware = (left, partial, next) => {
    // Before the first attempt ssh2 passes null, although its types do not say so.
    const told = left as readonly AuthenticationType[] | null;
    if (told !== null) this.accepted = told;
    // What was given was right, and the server wants something else besides: a new count.
    if (partial) this.#asked = 0;
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
    for (const file of explicit) yield* this.#explicitKey(file);
    const usual = [...new Set(this.#destination.keyFiles)].filter((file) => !explicit.has(file));
    yield* this.#usualKeys(usual);
    if (this.accepted.length === 0) {
      // There was no key to try: ask the server what it accepts before asking a person for a password.
      yield { type: 'none', username };
    }
    yield* this.#passwords();
  }

  /** A key that was asked for: if it cannot be used, nothing else is tried in its place. */
  async *#explicitKey(path: string): AsyncGenerator<AnyAuthMethod, void> {
    const file = await readKeyFile(path);
    const unreadable = (why: string): CanopusError =>
      new CanopusError('ssh/key-unreadable', `the key file ${path} ${why}`, { keyFile: path, reason: why });
    if (file.kind === 'missing') throw unreadable('does not exist');
    if (file.kind === 'unusable' && file.publicKey === null) throw unreadable(file.why);
    if (file.kind === 'public' || file.kind === 'unusable') {
      const held = (await this.#agentKeys()).filter((key) => publicKeyOf(key) === file.publicKey);
      const what = file.kind === 'public' ? 'is a public key' : file.why;
      if (held.length === 0) throw unreadable(`${what}, and no agent holds its private key`);
      yield* this.#offer(held, path);
      return;
    }
    const key = await this.#opened(path, file);
    if (key === null)
      throw new CanopusError('ssh/key-locked', `no passphrase opened ${path}`, { keyFile: path });
    yield* this.#privateKey(path, key);
  }

  /** Keys found by chance must not stop what comes after them. */
  async *#usualKeys(paths: readonly string[]): AsyncGenerator<AnyAuthMethod, void> {
    if (!this.#allows('publickey')) return;
    const files = await Promise.all(paths.map(async (path) => ({ path, file: await readKeyFile(path) })));
    const named = files.map(({ file }) => ('publicKey' in file ? file.publicKey : null));
    const place = (key: ParsedKey): number => named.indexOf(publicKeyOf(key));
    const keys = await this.#agentKeys();
    // Like OpenSSH: named ones first, in the order of their names; all others only if they are wanted.
    const first = keys.filter((key) => place(key) >= 0).sort((a, b) => place(a) - place(b));
    const others = this.#destination.identitiesOnly ? [] : keys.filter((key) => place(key) < 0);
    yield* this.#offer([...first, ...others], 'agent');
    const offered = new Set(first.map(publicKeyOf));
    for (const { path, file } of files) {
      if (!this.#allows('publickey')) return;
      if (file.kind === 'missing' || ('publicKey' in file && offered.has(file.publicKey ?? ''))) continue;
      if (file.kind === 'public')
        this.passedOver.push(`${path} (is a public key whose private key no agent holds)`);
      else if (file.kind === 'unusable') this.passedOver.push(`${path} (${file.why})`);
      else {
        const key = await this.#opened(path, file);
        if (key === null) this.passedOver.push(`${path} (no passphrase opened it)`);
        else yield* this.#privateKey(path, key);
      }
    }
  }

  /** Asks the agent once. */
  async #agentKeys(): Promise<readonly ParsedKey[]> {
    const { agent } = this.#destination;
    this.#held ??= agent === null ? [] : await this.#ask(keysOfAgent(agent));
    if (this.#held === null) {
      this.passedOver.push(`agent (no reply at ${agent ?? ''})`);
      this.#held = [];
    }
    return this.#held;
  }

  *#offer(keys: readonly ParsedKey[], name: string): Generator<AnyAuthMethod, void> {
    const { agent, user: username } = this.#destination;
    if (keys.length === 0 || agent === null || !this.#allows('publickey')) return;
    this.tried.push(name);
    const onAsking = (asking: boolean): void => {
      this.asking = asking;
    };
    yield { type: 'agent', username, agent: new AgentKeys(agent, keys, onAsking) };
  }

  #opened(path: string, file: Extract<KeyFile, { kind: 'open' | 'locked' }>): Promise<ParsedKey | null> {
    if (file.kind === 'open') return Promise.resolve(file.key);
    return this.#ask(unlockKey(path, file.text, this.#access.questions));
  }

  *#privateKey(path: string, key: ParsedKey): Generator<AnyAuthMethod, void> {
    if (!this.#allows('publickey')) return;
    this.tried.push(path);
    yield { type: 'publickey', username: this.#destination.user, key };
  }

  async *#passwords(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#destination.user;
    while (this.#asked < passwordAttempts && !this.#gaveUp) {
      if (this.#allows('password')) {
        const password = await this.#password();
        if (password === null) return;
        yield { type: 'password', username, password };
      } else if (this.#allows('keyboard-interactive')) {
        const before = this.#asked;
        const round = { hasPassword: false };
        yield {
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _lang, prompts, finish) => {
            const said = quoted([name, instructions].filter((each) => each !== '').join(' '));
            void this.#replies(said, prompts, round).then(finish);
          },
        };
        // Rounds without a password count, too: a code may be wrong for ever.
        if (this.#asked === before) this.#asked += 1;
      } else return;
    }
  }

  async #password(): Promise<string | null> {
    this.#asked += 1;
    if (!this.tried.includes('password')) this.tried.push('password');
    const password = await this.#ask(
      this.#access.questions.password({ label: this.#label, attempt: this.#asked }),
    );
    if (password === null) this.#gaveUp = true;
    return password;
  }

  /** Never throws: what goes wrong becomes `failure`, and there are no replies. */
  async #replies(
    said: string,
    prompts: readonly Prompt[],
    round: { hasPassword: boolean },
  ): Promise<string[]> {
    const replies: string[] = [];
    try {
      for (const { prompt, echo } of prompts) {
        const reply = this.#gaveUp ? null : await this.#reply(said, prompt, echo !== true, round);
        if (reply === null) return [];
        replies.push(reply);
      }
      return replies;
    } catch (error) {
      this.failure ??= toCanopusError(error);
      this.#gaveUp = true;
      return [];
    }
  }

  async #reply(
    said: string,
    prompt: string,
    isHidden: boolean,
    round: { hasPassword: boolean },
  ): Promise<string | null> {
    const kind = loginPromptKind(prompt, isHidden);
    if (kind === 'new-password') this.#isExpired = true;
    if (kind === 'current-password' && this.#lastPassword !== null) return this.#lastPassword;
    const isPassword = kind === 'password' || kind === 'current-password';
    // Asked for twice in one round it is another one.
    if (!isPassword || round.hasPassword) return this.#askPrompt(said, quoted(prompt), isHidden);
    round.hasPassword = true;
    return (this.#lastPassword = await this.#password());
  }

  async #askPrompt(instructions: string, prompt: string, isHidden: boolean): Promise<string | null> {
    if (!this.tried.includes('keyboard-interactive')) this.tried.push('keyboard-interactive');
    const question = { label: this.#label, instructions, prompt, isHidden };
    const reply = await this.#ask(this.#access.questions.prompt(question));
    if (reply !== null) return reply;
    const said = instructions === '' ? `"${prompt}"` : `"${instructions} ${prompt}"`;
    const details = { label: this.#label, prompt };
    throw this.#isExpired
      ? passwordExpired(this.#label, said)
      : new CanopusError(
          'ssh/prompt-unanswered',
          `${this.#label} asks ${said}, which was not answered`,
          details,
        );
  }
}

interface Prompt {
  readonly prompt: string;
  readonly echo?: boolean | undefined;
}

export function passwordExpired(label: string, said: string): CanopusError {
  const message = `${label} requires a new password before any login; it says: ${said}`;
  return new CanopusError('ssh/password-expired', message, { label, said });
}
