import { describe, expect, it } from 'vitest';
import { requireReachableNodes, type RateChange } from '../../../app/boards/bus-rate.ts';
import { codeOf } from '../../error-code.ts';

const overUsb = { canbusUuid: '44db3d634885', bitrateBps: 1_000_000, hasUsbWay: true };
const onlyCan = { canbusUuid: 'e7caf8297cd8', bitrateBps: 1_000_000, hasUsbWay: false };
const change = (more: Partial<RateChange> = {}): RateChange => ({
  ...{ busBitrateBps: 1_000_000, wantedBps: 500_000, nodes: [overUsb, onlyCan], confirmed: [] },
  ...more,
});

describe('a new bit rate for a bridge', () => {
  it.each<[string, Partial<RateChange>, string]>([
    ['with a node that has no way in over USB', {}, 'can/rate-strands-nodes'],
    ['with another node named', { confirmed: [overUsb.canbusUuid] }, 'can/rate-strands-nodes'],
    ['with that node named', { confirmed: [onlyCan.canbusUuid] }, 'no error'],
    ['with nodes that all have a way in over USB', { nodes: [overUsb] }, 'no error'],
    [
      'with a node that was built for the new rate',
      { nodes: [{ ...onlyCan, bitrateBps: 500_000 }] },
      'no error',
    ],
    ['that is the old one', { wantedBps: 1_000_000 }, 'no error'],
    ['where the old one is unknown', { busBitrateBps: null }, 'no error'],
  ])('%s', (_, more, outcome) => {
    expect(codeOf(() => requireReachableNodes(change(more)))).toBe(outcome);
  });

  it('names the nodes that it leaves behind', () => {
    expect(requireReachableNodes(change({ confirmed: [onlyCan.canbusUuid] }))).toEqual([overUsb, onlyCan]);
    expect(() => requireReachableNodes(change())).toThrow(/500000.*1000000.*e7caf8297cd8/);
  });
});
