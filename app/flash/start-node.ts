import { CanopusError } from '../errors.ts';
import { commandCode, encodeCommand } from '../protocols/katapult/command.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { CanByteLink } from './can-byte-link.ts';
import { failureOf, katapultError } from './katapult-failure.ts';
import { KatapultSession } from './katapult-session.ts';
import type { NodeOptions } from './open-node.ts';
import { queryNodes } from './query-nodes.ts';

const replyMs = 1000;
/** Katapult resets 100 ms after its acknowledgement; Klipper's start takes some more. The last wait is for slow ones. */
const looksAfterMs = [150, 150, 300, 600, 1200, 2000] as const;

/**
 * COMPLETE, and a look whether Klipper replies on the bus: its reply proves more than the acknowledgement, which may be
 * lost. Throws `can/not-started`, `katapult/command-failed` and what the CanLink throws, with the state
 * `katapult-verified`.
 */
export async function startNode(
  can: CanLink,
  link: CanByteLink,
  { canbusUuid, clock, signal }: NodeOptions,
): Promise<void> {
  const session = new KatapultSession(link, clock);
  await session.send([encodeCommand(commandCode.complete)]);
  const reply = await session.reply(replyMs, signal);
  if (reply.type === 'commandError')
    throw katapultError(failureOf(reply), 'starting the application', 1, false).withState(
      'katapult-verified',
    );
  for (const waitMs of looksAfterMs) {
    await clock.sleep(waitMs, signal);
    const { nodes } = await queryNodes(can, { clock, signal });
    if (nodes.some((node) => node.canbusUuid === canbusUuid && node.application === 'klipper')) return;
  }
  throw new CanopusError(
    'can/not-started',
    `${canbusUuid} was written and read back, but Klipper on it does not reply on the bus.`,
    { canbusUuid },
    { state: 'katapult-verified' },
  );
}
