import type { Guest } from './guest/client.ts';

/**
 * Asks over a CAN interface of the guest who is there (Klipper's CANBUS_protocol.md, admin messages), with the tools
 * of can-utils. Answers the frames of `count` nodes as `3F1#20...`, sorted; throws when fewer answer within 10 s.
 */
export async function queryCan(guest: Guest, can: string, count: number): Promise<readonly string[]> {
  const dump = guest.start(`candump -n ${count} -T 10000 -L ${can},3F1:7FF`);
  // The kernel lists what candump waits for once it does.
  await guest.until(`grep -q "${can}.*3f1" /proc/net/can/rcvlist_sff`);
  await guest.must(`cansend ${can} 3F0#00`);
  const { stdout } = await dump.result;
  const frames = stdout.trim().split('\n');
  if (frames.length < count) throw new Error(`${count} nodes were to answer, these did: ${stdout}`);
  return frames.map((line) => line.split(' ').at(-1) ?? '').sort();
}

/** The answer of a node. */
export function nodeAnswer(uuid: string, application: 'klipper' | 'katapult'): string {
  return `3F1#20${uuid.toUpperCase()}${application === 'klipper' ? '01' : '11'}`;
}
