import type { CanFrame } from '../../app/transport/can-link.ts';
import type { CanBus } from '../../main/sim/can/can-bus.ts';
import type { OtherNode } from './can-link.ts';

/** A node on a virtual bus that sends and receives for a test. */
export function virtualCanNode(bus: CanBus): OtherNode {
  const received: CanFrame[] = [];
  const readers: ((frame: CanFrame) => void)[] = [];
  const waiting: { frame: CanFrame; taken: () => void }[] = [];
  const post = (): void => {
    for (;;) {
      const [next] = waiting;
      if (next === undefined || !port.post(next.frame)) return;
      waiting.shift();
      next.taken();
    }
  };
  const port = bus.attach({
    bitrateBps: 1_000_000,
    recoversFromBusOff: true,
    receive: (frame) => {
      const reader = readers.shift();
      if (reader === undefined) received.push(frame);
      else reader(frame);
    },
    sent: post,
  });
  return {
    send: (frame) =>
      new Promise((taken) => {
        waiting.push({ frame, taken });
        post();
      }),
    next: () =>
      new Promise((resolve) => {
        const frame = received.shift();
        if (frame === undefined) readers.push(resolve);
        else resolve(frame);
      }),
  };
}
