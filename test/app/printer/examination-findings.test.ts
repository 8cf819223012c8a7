import { describe, expect, it } from 'vitest';
import { judgeBus } from '../../../app/printer/examination-findings.ts';
import type { BusSight, ExaminedNode, Tally } from '../../../app/printer/examination.ts';

const tally = (lost = 0, worstMs = 2): Tally => ({
  ...{ requests: 100, replies: 100 - lost, medianMs: 1, worstMs },
});

function node(name: string, more: Partial<ExaminedNode> = {}): ExaminedNode {
  return {
    ...{ name, canbusUuid: '0e1a2b3c4d5e', role: 'node', state: 'replies', version: 'v0.13.0' },
    ...{ idle: tally(), moved: null, reset: 'back' },
    ramp: [
      { ...tally(), ratePerSecond: 50 },
      { ...tally(), ratePerSecond: null },
    ],
    errors: { rxErrors: 0, txErrors: 0, txRetries: 0, state: 'active' },
    ...more,
  };
}

const bridge = node('mcu', { role: 'bridge', reset: 'no', idle: tally(0, 1) });
const loaded = (lost: number): ExaminedNode['ramp'] => [{ ...tally(lost), ratePerSecond: 400 }];

function judge(nodes: readonly ExaminedNode[], more: Partial<BusSight> = {}) {
  return judgeBus({ nodes: [...nodes], others: [], duplicates: [], adapter: null, ...more });
}

const first = (nodes: readonly ExaminedNode[], more: Partial<BusSight> = {}) => {
  const { findings, showsTermination } = judge(nodes, more);
  return { ...findings[0], showsTermination };
};

describe('the verdict of an examination', () => {
  it('is fine where every reply came', () => {
    expect(judge([bridge, node('mcu EBB')])).toEqual({
      ...{ verdict: 'fine', showsTermination: false },
      findings: [
        {
          ...{ verdict: 'fine', names: ['mcu EBB'], advice: null },
          text: '[mcu EBB] replied to all of 300 requests, in 1.0 ms while idle.',
        },
      ],
    });
  });

  it('is unknown where no node is on the bus', () => {
    expect(judge([bridge]).verdict).toBe('unknown');
    expect(judge([]).verdict).toBe('unknown');
  });

  it('counts what a node lost in the quietest phase in which it lost anything', () => {
    const moved = tally(9);
    expect(first([bridge, node('mcu EBB', { idle: tally(3), moved }), node('mcu bed')])).toMatchObject({
      text: '[mcu EBB] lost 3 of 100 replies, with nothing else on the bus.',
      advice: expect.stringContaining('crimps') as string,
    });
    expect(first([bridge, node('mcu EBB', { ramp: loaded(4), moved }), node('mcu bed')]).text).toBe(
      '[mcu EBB] lost 4 of 100 replies, only when all nodes replied at once.',
    );
    expect(first([bridge, node('mcu EBB', { moved }), node('mcu bed')])).toMatchObject({
      text: '[mcu EBB] lost 9 of 100 replies, only while the cables were moved.',
      showsTermination: false,
    });
  });

  it('looks at what the nodes share if all of them lost replies', () => {
    const nodes = [bridge, node('mcu EBB', { idle: tally(3) }), node('mcu bed', { idle: tally(5) })];
    expect(first(nodes)).toMatchObject({
      ...{ verdict: 'wrong', names: ['mcu EBB', 'mcu bed'], showsTermination: true },
      advice: expect.stringContaining('share') as string,
    });
    const one = [bridge, node('mcu EBB', { idle: tally(3) })];
    expect(first(one).advice).not.toContain('share');
  });

  it('does not blame the bus for what a bridge loses over USB', () => {
    expect(first([{ ...bridge, idle: tally(2) }, node('mcu EBB')])).toMatchObject({
      ...{ verdict: 'wrong', showsTermination: false },
      advice: 'The bus is not the cause: check the USB cable of the bridge.',
    });
  });

  it('takes errors that were repaired for a bus with little margin', () => {
    const errors = { rxErrors: 2, txErrors: 1, txRetries: 1, state: 'active' } as const;
    expect(first([bridge, node('mcu EBB', { errors })])).toMatchObject({
      ...{ verdict: 'look', showsTermination: true },
      text: 'Every reply came, but frames were damaged on the way and sent again: [mcu EBB] counted 3.',
    });
    expect(first([bridge, node('mcu EBB', { errors: { ...errors, state: 'passive' } })])).toMatchObject({
      verdict: 'wrong',
      text: 'The CAN controller of [mcu EBB] is error-passive.',
    });
  });

  it('compares a slow node with the bridge, which is as far away from the station', () => {
    const slow = node('mcu EBB', { idle: tally(0, 60) });
    expect(first([bridge, slow])).toMatchObject({ verdict: 'look', names: ['mcu EBB'] });
    expect(first([{ ...bridge, idle: tally(0, 50) }, slow]).verdict).toBe('fine');
    expect(first([slow]).verdict).toBe('fine');
  });

  it('says which nodes still have to be restarted', () => {
    expect(first([bridge, node('mcu EBB', { reset: 'missing' })])).toMatchObject({ verdict: 'wrong' });
    expect(first([bridge, node('mcu EBB', { reset: 'no', version: null })])).toMatchObject({
      verdict: 'look',
      text: '[mcu EBB] was not reset, because its firmware could not be read.',
    });
  });

  it('puts the worst first: a pulled adapter before a node in Katapult', () => {
    const waiting = node('mcu bed', { state: 'katapult', reset: 'no' });
    const { findings } = judge([bridge, waiting, node('mcu EBB')], { adapter: 'bus-off' });
    expect(findings.map(({ verdict }) => verdict)).toEqual(['wrong', 'look']);
    const twice = judge([bridge, node('mcu EBB', { state: 'duplicate', reset: 'no' })], {
      duplicates: ['0e1a2b3c4d5e'],
    });
    expect(twice.findings[0]?.names).toContain('mcu EBB');
  });
});
