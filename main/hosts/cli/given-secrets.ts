import { CanopusError } from '../../../app/errors.ts';
import { apiKeyVariable } from './api-key-options.ts';
import { canAsk } from './ask.ts';

export interface SecretOptions {
  readonly passwordStdin?: boolean;
  readonly apiKeyStdin?: boolean;
}

/** What was given before any question; null for what was not. */
export interface GivenSecrets {
  readonly password: string | null;
  readonly apiKey: string | null;
}

/** Reads a line of standard input for each secret that comes from there. Throws `usage/invalid` at a terminal. */
export async function givenSecrets(
  { passwordStdin = false, apiKeyStdin = false }: SecretOptions,
  input: AsyncIterable<unknown> = process.stdin,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<GivenSecrets> {
  const count = Number(passwordStdin) + Number(apiKeyStdin);
  const lines = count === 0 ? [] : await firstLines(input, count);
  const password = passwordStdin ? (lines.shift() ?? '') : null;
  return { password, apiKey: apiKeyStdin ? (lines.shift() ?? '') : (environment[apiKeyVariable] ?? null) };
}

async function firstLines(input: AsyncIterable<unknown>, count: number): Promise<string[]> {
  if (canAsk()) {
    const message = '--password-stdin and --api-key-stdin read a pipe, not the terminal';
    throw new CanopusError('usage/invalid', message);
  }
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.split('\n').length > count) break;
  }
  return text.split(/\r?\n/).slice(0, count);
}
