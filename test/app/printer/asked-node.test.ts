import { describe, expect, it } from 'vitest';
import { encodeIdentify, parseIdentifyResponse } from '../../../app/protocols/klipper/command.ts';
import { encodeBlock } from '../../../app/protocols/klipper/message-block.ts';
import { AskedNode } from '../../../app/printer/asked-node.ts';
import { dataIds } from '../../../app/protocols/klipper-can/admin-frame.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { CanFrame, CanLink } from '../../../app/transport/can-link.ts';
import { KlipperConsole } from '../../../main/sim/klipper/klipper-console.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { cases } from '../../counts.ts';
import { Random } from '../protocols/katapult/random.ts';

const nodeId = 100;
const timeoutMs = 50;
const { signal } = new AbortController();

/** A node at the end of a wire that loses the frames for which `loses` returns true. */
function wire(loses: (way: 'there' | 'back') => boolean) {
  const clock = new VirtualClock();
  const back: Uint8Array[] = [];
  let dropped = 0;
  const passes = (way: 'there' | 'back'): boolean => {
    const isLost = loses(way);
    if (isLost) dropped += 1;
    return !isLost;
  };
  const node = new KlipperConsole({
    mcu: 'stm32f446xx',
    softwareVersion: 'v0.13.0',
    counts: null,
    reset: () => undefined,
    send: (bytes) => {
      for (let at = 0; at < bytes.length; at += 8) if (passes('back')) back.push(bytes.slice(at, at + 8));
    },
  });
  const can: CanLink = {
    label: 'a wire',
    health: null,
    send: ({ id, data }: CanFrame) => {
      expect(id).toBe(dataIds(nodeId).toNode);
      if (passes('there')) node.receive(data);
      return clock.sleep(1).then(() => {
        for (const bytes of back.splice(0)) asked.take(bytes);
      });
    },
    receive: () => Promise.reject(new CanopusError('link/closed', 'nothing reads here')),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const asked = new AskedNode(can, { nodeId, clock });
  const ask = async (offset: number) => {
    const parse = (content: Uint8Array) => {
      const piece = parseIdentifyResponse(content);
      return piece?.offset === offset ? piece.data : null;
    };
    return asked.ask(encodeIdentify(offset, 40), parse, { timeoutMs, signal });
  };
  return { ask, node, asked, dropped: () => dropped };
}

describe('a node that is asked one thing at a time', () => {
  it('replies, whatever number its blocks had reached before', async () => {
    for (let before = 0; before < 17; before++) {
      // Another host asked, and heard the replies.
      let isOther = true;
      const { ask, node } = wire(() => isOther);
      for (let sequence = 0; sequence < before; sequence++)
        node.receive(encodeBlock({ sequence, content: new Uint8Array(0) }));
      isOther = false;
      const reply = await ask(0);
      expect(reply?.value[0]).toBe(0x78);
      expect(reply?.latencyMs).toBeLessThan(5);
    }
  });

  it.each(['there', 'back'] as const)(
    'is heard again at once after a cut of its wire on the way %s, however long that was',
    async (cut) => {
      let isOpen = false;
      const { ask } = wire((way) => isOpen && way === cut);
      await ask(0);
      for (const lost of [1, 2, 16, 17]) {
        isOpen = true;
        for (let count = 0; count < lost; count++) expect(await ask(8)).toBeNull();
        isOpen = false;
        expect(await ask(16), `after ${lost}`).not.toBeNull();
      }
    },
  );

  it('loses hardly more requests than frames were lost, and never gets the reply to another', async () => {
    for (let seed = 1; seed <= cases(100); seed++) {
      const random = new Random(seed);
      let isSound = false;
      const { ask, dropped } = wire(() => !isSound && random.below(40) === 0);
      let missing = 0;
      for (let count = 0; count < 60; count++) {
        const offset = (count % 8) * 40;
        const reply = await ask(offset);
        if (reply === null) missing += 1;
      }
      expect(missing, `seed ${seed}`).toBeLessThanOrEqual(dropped() + 1);
      if (dropped() === 0) expect(missing).toBe(0);
      isSound = true;
      await ask(0);
      for (const offset of [40, 80, 120]) expect(await ask(offset), `seed ${seed}`).not.toBeNull();
    }
  });

  it('ends with the reason of the one who asked', async () => {
    const { asked } = wire(() => true);
    const cancel = new AbortController();
    const reason = new Error('enough');
    const run = asked.ask(encodeIdentify(0, 8), parseIdentifyResponse, {
      timeoutMs: 4000,
      signal: cancel.signal,
    });
    cancel.abort(reason);
    await expect(run).rejects.toBe(reason);
  });
});
