import { isCanopusError } from '../errors.ts';
import { commandCode, encodeCommand } from '../protocols/katapult/command.ts';
import { failureOf, katapultError, type KatapultFailure } from './katapult-failure.ts';
import type { KatapultSession } from './katapult-session.ts';

const tries = 3;
const answerTimeoutMs = 2000;
const busyWaitMs = 1500;

/**
 * COMPLETE: Katapult acknowledges it and resets into the application 100 ms later. The link may disappear before the
 * reply was read, which is fine once the command was sent.
 */
export async function startApplication(session: KatapultSession, signal?: AbortSignal): Promise<void> {
  let failure: KatapultFailure = { type: 'silence' };
  let isHandedOver = false;
  try {
    for (let attempt = 0; attempt < tries; attempt++) {
      signal?.throwIfAborted();
      await session.send([encodeCommand(commandCode.complete)]);
      await session.written();
      isHandedOver = true;
      const reply = await session.reply(answerTimeoutMs);
      if (reply.type === 'ack' && reply.command === commandCode.complete) return;
      failure = reply.type === 'ack' ? { type: 'wrongAnswer' } : failureOf(reply);
      if (failure.type === 'busy') await session.clock.sleep(busyWaitMs, signal);
    }
  } catch (error) {
    if (isHandedOver && isDeparture(error)) return;
    throw error;
  }
  throw katapultError(failure, 'starting the application', tries, session.nacked);
}

function isDeparture(error: unknown): boolean {
  return isCanopusError(error) && ['link/gone', 'link/io', 'link/closed'].includes(error.code);
}
