import { CanopusError, toCanopusError, type ErrorCode } from '../../../app/errors.ts';
import { AgentRefusal } from './agent-client.ts';

interface Meaning {
  readonly code: ErrorCode;
  /** Continues "LABEL: ". */
  readonly text: string;
}

const gone: Meaning = { code: 'link/gone', text: 'the device is gone' };
const access: Meaning = { code: 'link/access', text: 'the Pi gives this user no permission for the device' };
const busy: Meaning = { code: 'link/busy', text: 'another program on the Pi has it open' };
const invalid: Meaning = { code: 'link/protocol', text: 'the device has no such interface or endpoint' };

/** The agent's names: those of <errno.h>, and its own words for the ends of a transfer. */
const meanings: Readonly<Record<string, Meaning>> = {
  gone,
  ENODEV: gone,
  ENXIO: gone,
  ESHUTDOWN: gone,
  ENETDOWN: { code: 'link/gone', text: 'the CAN interface is down' },
  stall: { code: 'link/stall', text: 'the device refused the request' },
  EPIPE: { code: 'link/stall', text: 'the device refused the request' },
  timeout: { code: 'link/timeout', text: 'the device did not reply in time' },
  overflow: { code: 'link/protocol', text: 'the device sent more than requested' },
  closed: { code: 'link/closed', text: 'it was closed' },
  EACCES: access,
  EPERM: access,
  EBUSY: busy,
  EAGAIN: busy,
  ENOENT: invalid,
  EINVAL: invalid,
};

/** A failure of the agent about one device as a station error; others are passed on. `details.native` is its own name. */
export function agentError(
  error: unknown,
  label: string,
  more: Readonly<Record<string, Meaning>> = {},
): CanopusError {
  if (!(error instanceof AgentRefusal)) return toCanopusError(error);
  return namedError(error.reason, label, more, error);
}

/** As `agentError`, for a reason that came without a request. */
export function namedError(
  reason: string,
  label: string,
  more: Readonly<Record<string, Meaning>> = {},
  cause?: unknown,
): CanopusError {
  const { code, text } = more[reason] ?? meanings[reason] ?? { code: 'link/io', text: 'the transfer failed' };
  return new CanopusError(
    code,
    `${label}: ${text} (${reason}).`,
    { label, native: reason, on: 'pi' },
    { cause },
  );
}

/** What an open of a path that is not there means. */
export const whenOpening = {
  ENOENT: gone,
  ENOTTY: { code: 'link/io', text: 'it is no serial port' },
} as const satisfies Record<string, Meaning>;
