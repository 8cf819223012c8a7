import { itemsOf } from '../../../app/contract/live-table.ts';
import type { PiAnswer, PiQuestion, StationClient } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { ask, askPrompt, confirm } from './ask.ts';
import type { CliIo } from './context.ts';
import { givenSecrets, type GivenSecrets, type SecretOptions } from './given-secrets.ts';
import { whileFollowed } from './while-followed.ts';

/** What the command line gives for a login; the rest is asked at the terminal. */
export interface LoginOptions extends SecretOptions {
  readonly key?: string | readonly string[];
  /** The fingerprint of the host key to trust without asking. */
  readonly trust?: string;
  /** Agrees to what has to be done as root. */
  readonly allowRoot?: boolean;
}

/**
 * Does `work` with a Pi that the station reaches meanwhile, asking its login questions here. A window may reply first.
 * Throws `usage/invalid` for an invalid target.
 */
export async function withPi<T>(
  io: CliIo,
  client: StationClient,
  host: string,
  options: LoginOptions,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const { key = [] } = options;
  const keyFiles = typeof key === 'string' ? [key] : [...key];
  const given = await givenSecrets(options);
  const reach = (until: { signal: AbortSignal }) =>
    client.stream('pi.reach', { target: host, keyFiles }, until);
  return whileFollowed(reach, ({ id }, signal) => {
    io.status(`Connecting to ${host} ...`);
    return Promise.race([work(id), answerQuestions(client, id, { ...options, given }, signal)]);
  });
}

/** The same for a Pi that the station knows, by its id. Throws `pi/unknown`. */
export async function withKnownPi<T>(
  io: CliIo,
  client: StationClient,
  id: string,
  options: LoginOptions,
  work: () => Promise<T>,
): Promise<T> {
  const given = await givenSecrets(options);
  io.status(`Connecting to the Pi ${id} ...`);
  const stop = new AbortController();
  try {
    return await Promise.race([work(), answerQuestions(client, id, { ...options, given }, stop.signal)]);
  } finally {
    stop.abort();
  }
}

/** Like `withPi`, for every Pi that one of the texts names as `pi:HOST`; the others name something else. */
export async function withPis<T>(
  io: CliIo,
  client: StationClient,
  options: LoginOptions,
  texts: readonly (string | null | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  const hosts = new Set(texts.flatMap((text) => /^(?:build:)?pi:(.+)$/.exec(text ?? '')?.[1] ?? []));
  const reached = [...hosts].reduce((rest, host) => () => withPi(io, client, host, options, rest), work);
  return reached();
}

interface Answers extends LoginOptions {
  readonly given: GivenSecrets;
}

/** Never resolves before it is stopped. Throws what the station threw. */
async function answerQuestions(
  client: StationClient,
  piId: string,
  answers: Answers,
  signal: AbortSignal,
): Promise<never> {
  try {
    for await (const event of client.stream('pi.questions', null, { signal })) {
      const items = itemsOf(event);
      for (const question of items) {
        if (question.piId !== piId) continue;
        await client.call('pi.answer', { id: question.id, answer: await answerTo(question, answers) });
      }
    }
  } catch (error) {
    if (!signal.aborted || !isCanopusError(error, 'cancelled')) throw error;
  }
  return new Promise(() => undefined);
}

async function answerTo(question: PiQuestion, answers: Answers): Promise<PiAnswer> {
  if (question.kind === 'host-key') {
    return { kind: (await isTrusted(question, answers.trust)) ? 'trust' : 'no' };
  }
  if (question.kind === 'root')
    return { kind: (await isAllowed(question, answers.allowRoot)) ? 'trust' : 'no' };
  const secret = await (question.kind === 'prompt'
    ? replyTo(question, answers)
    : secretFor(question, answers));
  return secret === null ? { kind: 'no' } : { kind: 'secret', secret, keep: false };
}

function isTrusted(
  { host, keyType, fingerprint }: Extract<PiQuestion, { kind: 'host-key' }>,
  trust: string | undefined,
): Promise<boolean> | boolean {
  if (trust !== undefined) return trust === fingerprint;
  return confirm(`${host} is not trusted yet. Its ${keyType} key is ${fingerprint}.\nTrust it from now on?`);
}

function isAllowed(
  { subject, purpose }: Extract<PiQuestion, { kind: 'root' }>,
  allowRoot = false,
): Promise<boolean> | boolean {
  return allowRoot || confirm(`As root on ${subject}: ${purpose}. Allow it?`);
}

/** A one-time code or a new password, which no pipe holds. */
function replyTo(
  question: Extract<PiQuestion, { kind: 'prompt' }>,
  { passwordStdin }: Answers,
): Promise<string | null> | null {
  return passwordStdin === true ? null : askPrompt({ ...question, label: question.subject });
}

function secretFor(
  { kind, subject, attempt }: Exclude<PiQuestion, { kind: 'host-key' | 'prompt' | 'root' }>,
  { given }: Answers,
): Promise<string | null> | string | null {
  switch (kind) {
    case 'moonraker-key':
      if (given.apiKey !== null) return attempt === 1 ? given.apiKey : null;
      return ask(`Moonraker's API key on ${subject} (Mainsail and Fluidd show it under API Key): `, true);
    case 'passphrase':
      return ask(`Passphrase for ${subject}: `, true);
    case 'password':
    case 'sudo-password':
      if (given.password !== null) return attempt === 1 ? given.password : null;
      return ask(`Password for ${kind === 'password' ? subject : `sudo on ${subject}`}: `, true);
  }
}
