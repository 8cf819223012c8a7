import { throwIfCancelled } from '../../../app/cancelled.ts';
import type { AskMoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import type { HostKeyQuestion, LoginPrompt, SshQuestions } from '../../shell/ssh/ssh-access.ts';
import type { SecretStore } from '../../pi/secret-store.ts';
import type { PiQuestions } from './pi-questions.ts';

type SecretKind = 'password' | 'passphrase' | 'sudo-password' | 'moonraker-key';

/** What a login to a Pi may ask, and later questions on it. */
export interface LoginQuestions extends SshQuestions {
  readonly moonrakerKey: AskMoonrakerKey;
}

export interface PiAskerOptions {
  readonly questions: PiQuestions;
  readonly secrets: SecretStore;
  /** Which Pi asks; null for one that the station does not know. */
  readonly piId: string | null;
  /** A password that this Pi has accepted already; null if there is none. */
  readonly typedPassword?: () => string | null;
  /** Called with the name under which a secret was stored, so that it can be deleted with the Pi. */
  readonly onKept: (name: string) => void;
}

/**
 * Replies to the questions of one connection: from the secret store, or else from a person. Lives as long as the
 * connection.
 */
export class PiAsker {
  readonly #options: PiAskerOptions;
  /** The login password is tried for sudo first; it is usually the same. */
  #password: string | null = null;

  constructor(options: PiAskerOptions) {
    this.#options = options;
  }

  /** For the login, and as long as it lasts. */
  questions(signal: AbortSignal): LoginQuestions {
    return {
      trustHostKey: (question) => this.#trust(question, signal),
      password: async ({ label, attempt }) => {
        const typed = attempt === 1 ? (this.#options.typedPassword?.() ?? null) : null;
        this.#password = typed ?? (await this.#secret('password', label, attempt, signal));
        return this.#password;
      },
      prompt: (question) => this.#prompt(question, signal),
      passphrase: ({ keyFile, attempt }) => this.#secret('passphrase', keyFile, attempt, signal),
      moonrakerKey: ({ label, attempt }) => this.#secret('moonraker-key', label, attempt, signal),
    };
  }

  /** The password of the login; null if none was asked for. */
  get password(): string | null {
    return this.#password;
  }

  /** For sudo on the Pi with that label. */
  sudoPassword(label: string, signal: AbortSignal): (attempt: number) => Promise<string | null> {
    const typed = this.#password;
    return (attempt) => {
      if (typed === null) return this.#secret('sudo-password', label, attempt, signal);
      if (attempt === 1) return Promise.resolve(typed);
      return this.#secret('sudo-password', label, attempt, signal);
    };
  }

  /** Whether a person agrees that this is done as root on the Pi with that label. */
  async mayBeRoot(label: string, purpose: string, signal: AbortSignal): Promise<boolean> {
    const { questions, piId } = this.#options;
    const answer = await questions.ask({ kind: 'root', piId, subject: label, purpose }, signal);
    throwIfCancelled(signal);
    return answer.kind === 'trust';
  }

  async #trust(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean> {
    const { host, keyType, fingerprint } = question;
    const answer = await this.#options.questions.ask(
      { kind: 'host-key', piId: this.#options.piId, host, keyType, fingerprint },
      signal,
    );
    return answer.kind === 'trust';
  }

  /** A code or a new password: used once, kept nowhere. */
  async #prompt({ label, ...asked }: LoginPrompt, signal: AbortSignal): Promise<string | null> {
    const { questions, piId } = this.#options;
    const answer = await questions.ask({ kind: 'prompt', piId, subject: label, ...asked }, signal);
    throwIfCancelled(signal);
    return answer.kind === 'secret' ? answer.secret : null;
  }

  async #secret(
    kind: SecretKind,
    subject: string,
    attempt: number,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { questions, secrets, piId, onKept } = this.#options;
    const name = `${kind} ${subject}`;
    if (attempt === 1) {
      const kept = await secrets.get(name);
      if (kept !== null) return kept;
    } else {
      // The previous value was wrong, wherever it came from.
      await secrets.set(name, null);
    }
    const keeps = await secrets.open();
    const answer = await questions.ask({ kind, piId, subject, attempt, keeps }, signal);
    throwIfCancelled(signal);
    if (answer.kind !== 'secret') return null;
    if (answer.keep) {
      await secrets.set(name, answer.secret);
      onKept(name);
    }
    return answer.secret;
  }
}
