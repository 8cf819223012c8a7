import { CanopusError } from '../../../app/errors.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { SshQuestions } from '../../shell/ssh/ssh-access.ts';
import { ask, canAsk, confirm } from './ask.ts';
import type { CliIo } from './context.ts';
import type { PiOptions } from './pi-options.ts';

/** Answers what a login may ask: from the options, else from the person at the terminal. */
export class PiLogin {
  readonly #options: PiOptions;
  /** What was typed for the login is tried for sudo first; it is most often the same. */
  #password: string | null = null;

  constructor(options: PiOptions) {
    this.#options = options;
  }

  /** Logs in. Rejects with `ssh/*`, `usage/invalid` or `cancelled`. */
  async open(io: CliIo): Promise<PiSession> {
    const { host, key, apiKey, passwordStdin } = this.#options;
    const target = parseSshTarget(host);
    if (passwordStdin === true) this.#password = await firstLine();
    const { openPi } = await import('../../pi/open-pi.ts');
    const { defaultSshAccess } = await import('../../shell/ssh/ssh-access.ts');
    const { dataFolders } = await import('../../station/data-folders.ts');
    const { systemClock } = await import('../../system-clock.ts');
    io.status(`Connecting to ${host} ...`);
    return openPi(target, defaultSshAccess(dataFolders(this.#options.data).data, this.#questions(), key), {
      clock: systemClock,
      signal: io.signal,
      askMoonrakerKey: ({ attempt }) => Promise.resolve(attempt === 1 ? (apiKey ?? null) : null),
    });
  }

  #questions(): SshQuestions {
    const { trust, passwordStdin } = this.#options;
    return {
      trustHostKey: async ({ host, keyType, fingerprint }) => {
        if (trust !== undefined) return trust === fingerprint;
        return confirm(
          `${host} is not known yet. Its ${keyType} key is ${fingerprint}.\nTrust it from now on?`,
        );
      },
      password: async ({ label, attempt }) => {
        if (passwordStdin === true) return attempt === 1 ? this.#password : null;
        return (this.#password = await ask(`Password for ${label}: `, true));
      },
      passphrase: ({ keyFile }) => ask(`Passphrase for ${keyFile}: `, true),
    };
  }

  /** For sudo on the Pi. */
  readonly sudoPassword = async (attempt: number): Promise<string | null> => {
    if (attempt === 1 && this.#password !== null) return this.#password;
    if (this.#options.passwordStdin === true) return null;
    return ask(`Password for sudo on ${this.#options.host}: `, true);
  };
}

async function firstLine(): Promise<string> {
  if (canAsk()) throw new CanopusError('usage/invalid', '--password-stdin reads a pipe, not the terminal');
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/)[0] ?? '';
}
