import { CanopusError } from '../../../app/errors.ts';
import { quoted } from '../../../app/quoted.ts';
import { systemErrorCode } from '../../files/file-errors.ts';
import type { SshAuthenticator } from './ssh-auth.ts';

interface ConnectAttempt {
  readonly label: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly phase: 'reach' | 'login';
  readonly authenticator: SshAuthenticator;
  /** Lines of ssh_config that are ignored here. */
  readonly passedOver: readonly string[];
  /** Greetings and banners of the server. */
  readonly said: readonly string[];
}

const nameErrors = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'ENODATA']);
const unreachableErrors = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ETIMEDOUT',
  'EACCES',
]);

/** The marks on ssh2's errors. */
function levelOf(error: unknown): string | null {
  return error instanceof Error && 'level' in error && typeof error.level === 'string' ? error.level : null;
}

/** True for what a server said when it ended the connection: ssh2 gives such errors the reason's number. */
export function isDisconnect(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** Translates what ended an attempt to connect. Errors with a code pass unchanged. */
export function toConnectError(error: unknown, attempt: ConnectAttempt): CanopusError {
  if (error instanceof CanopusError) return error;
  const { label, host, port, user, phase, authenticator, passedOver } = attempt;
  const last = isDisconnect(error) ? [quoted(error.message)] : [];
  const words = [...attempt.said, ...last].filter((each) => each !== '').join(' / ');
  const itSaid = words === '' ? '' : `; it said: ${words}`;
  const cause = { cause: error };
  // What OpenSSH would have used may be just what is missing here.
  const config = passedOver.length === 0 ? '' : `; not read: ${passedOver.join(', ')}`;
  const reason = systemErrorCode(error);
  if (reason !== null && nameErrors.has(reason)) {
    const message = `there is no host called ${host} (${reason})${config}`;
    return new CanopusError('ssh/host-not-found', message, { host, reason }, cause);
  }
  if (reason === 'ECONNREFUSED') {
    const message = `${host} is there, but nothing listens on its port ${port}`;
    return new CanopusError('ssh/refused', message, { host, port }, cause);
  }
  if (reason !== null && unreachableErrors.has(reason)) {
    const message = `${host} cannot be reached on port ${port} (${reason})${config}`;
    return new CanopusError('ssh/unreachable', message, { host, port, reason }, cause);
  }
  // A server that counted too many attempts hangs up instead of refusing.
  if (levelOf(error) === 'client-authentication' || (phase === 'login' && authenticator.tried.length > 0)) {
    const tried =
      authenticator.tried.length === 0
        ? 'nothing, as there was no key or password'
        : authenticator.tried.join(', ');
    const accepts = authenticator.accepted.join(', ');
    const unusable = authenticator.passedOver;
    const notes = `${unusable.length === 0 ? '' : `; could not use ${unusable.join(', ')}`}${config}`;
    const message = `${label} did not let ${user} log in: tried ${tried}; it accepts ${accepts === '' ? 'nothing else' : accepts}${itSaid}${notes}`;
    const details = {
      label,
      user,
      tried: authenticator.tried,
      accepts: authenticator.accepted,
      passedOver: unusable,
    };
    return new CanopusError('ssh/auth-failed', message, details, cause);
  }
  const how = quoted(error instanceof Error ? error.message : String(error));
  const message = `${label} ended the connection${last.length > 0 ? '' : `: ${how}`}${itSaid}`;
  return new CanopusError('ssh/broken', message, { label, ...(words === '' ? {} : { said: words }) }, cause);
}
