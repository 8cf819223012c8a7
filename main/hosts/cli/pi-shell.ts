import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { Shell } from '../../../app/transport/shell.ts';
import { openSshShell } from '../../pi/open-pi.ts';
import { defaultSshAccess } from '../../shell/ssh/ssh-access.ts';
import { ask, askPrompt, confirm } from './ask.ts';

interface PiShellOptions {
  readonly dataFolder: string;
  /** A private key file, tried before the agent and the usual ones. */
  readonly key: string | undefined;
  /** The fingerprint of the host key to trust without asking. */
  readonly trust: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Opens a shell on `USER@HOST[:PORT]` to build there, asking necessary questions at the terminal. */
export async function openPiShell(host: string, options: PiShellOptions): Promise<Shell> {
  const { dataFolder, key, trust, signal } = options;
  const questions = {
    trustHostKey: (seen: { host: string; keyType: string; fingerprint: string }) => {
      if (trust !== undefined) return Promise.resolve(trust === seen.fingerprint);
      return confirm(
        `${seen.host} is not known yet. Its ${seen.keyType} key is ${seen.fingerprint}.\nTrust it from now on?`,
      );
    },
    password: ({ label }: { label: string }) => ask(`Password for ${label}: `, true),
    prompt: askPrompt,
    passphrase: ({ keyFile }: { keyFile: string }) => ask(`Passphrase for ${keyFile}: `, true),
  };
  const access = defaultSshAccess(dataFolder, questions, key === undefined ? [] : [key]);
  return openSshShell(parseSshTarget(host), access, { signal });
}
