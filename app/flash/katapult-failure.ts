import { hex32 } from '../hex.ts';
import { CanopusError, type ErrorCode } from '../errors.ts';
import type { KatapultSession, Reply } from './katapult-session.ts';

/** Why one request did not get the expected reply. */
export type KatapultFailure =
  | { readonly type: 'silence' | 'nack' | 'commandError' | 'busy' | 'damaged' | 'wrongAnswer' }
  /** The reply is well-formed, but its content is not acceptable; `error` says why. */
  | { readonly type: 'differs'; readonly error: CanopusError };

/** The failure in a reply that is not an acknowledgement. */
export function failureOf(reply: Exclude<Reply, { type: 'ack' }>): KatapultFailure {
  return { type: reply.type === 'unknown' ? 'wrongAnswer' : reply.type };
}

const codes = {
  silence: 'katapult/no-answer',
  nack: 'katapult/frames-damaged',
  commandError: 'katapult/command-failed',
  busy: 'katapult/stuck-busy',
  damaged: 'katapult/bad-answer',
  wrongAnswer: 'katapult/bad-answer',
} as const satisfies Record<Exclude<KatapultFailure['type'], 'differs'>, ErrorCode>;

const texts = {
  silence: 'did not reply',
  nack: 'received a damaged frame',
  commandError: 'refused the command',
  busy: 'stayed busy',
  damaged: 'replied with a damaged frame',
  wrongAnswer: 'sent a different reply',
} as const satisfies Record<keyof typeof codes, string>;

/**
 * The error for a request that finally failed. `request` reads like `writing the block at 0x08008000`; `address` is the
 * block's, if it is about one. After a damaged frame (`wasNacked`) silence means that the firmware waits for a reset:
 * it is stuck at the damaged frame (Katapult, src/command.c, `command_find_block`).
 */
export function katapultError(
  failure: KatapultFailure,
  request: string,
  tries: number,
  wasNacked: boolean,
  address: number | null = null,
): CanopusError {
  if (failure.type === 'differs') return failure.error;
  const details = {
    ...{ request, tries, failure: failure.type },
    ...(address === null ? {} : { address: hex32(address) }),
  };
  if (failure.type === 'silence' && wasNacked) {
    return new CanopusError(
      'katapult/wedged',
      `Katapult received a damaged frame and has not replied since (${request}).`,
      details,
    );
  }
  const times = tries === 1 ? '' : ` in ${tries} tries`;
  return new CanopusError(
    codes[failure.type],
    `Katapult ${texts[failure.type]}${times} (${request}).`,
    details,
  );
}

/** Whether it is unknown after a failure if Katapult has read the whole request: frames may have been lost. */
export function isDoubtful({ type }: KatapultFailure): boolean {
  return type === 'silence' || type === 'nack' || type === 'damaged';
}

/**
 * The error for a node that does not even reply to CONNECT. A NACK, now or before, shows that it is there and that a frame
 * of a request was lost.
 */
export function lostNode(
  session: Pick<KatapultSession, 'label' | 'nacked'>,
  request: string,
  wasNacked: boolean,
): CanopusError {
  const details = { device: session.label, request };
  if (session.nacked || wasNacked) {
    const message = `A frame to ${session.label} was lost (${request}), and its Katapult has stopped listening.`;
    return new CanopusError('katapult/wedged', message, details);
  }
  return new CanopusError('can/node-lost', `${session.label} no longer replies (${request}).`, details);
}
