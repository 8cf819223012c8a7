import { describe, expect, it } from 'vitest';
import { queryNodes } from '../../../app/flash/query-nodes.ts';
import { dataIds } from '../../../app/protocols/klipper-can/admin-frame.ts';
import { examineBus, type ExaminationOrder } from '../../../app/printer/examine.ts';
import {
  busExaminationSchema,
  lostOf,
  type BusExamination,
  type ExaminationEvent,
} from '../../../app/printer/examination.ts';

import { bridgeUuid, failureOf, NodeRig, uuid } from '../flash/node-rig.ts';

const otherUuid = 'e7caf8297cd8';
const ebb = { uuid, application: 'klipper', claimedAs: 5 } as const;
const bed = { uuid: otherUuid, application: 'klipper', claimedAs: 6, mcu: 'stm32f407xx' } as const;
const named = {
  bridge: { name: 'mcu', canbusUuid: bridgeUuid },
  ebb: { name: 'mcu EBB', canbusUuid: uuid },
  bed: { name: 'mcu bed', canbusUuid: otherUuid },
} as const;

interface Examined {
  readonly report: BusExamination;
  readonly events: readonly ExaminationEvent[];
}

async function examine(
  rig: NodeRig,
  more: Partial<ExaminationOrder> = {},
  on: (event: ExaminationEvent) => void = () => undefined,
): Promise<Examined> {
  const order: ExaminationOrder = {
    ...{ nodes: [named.bridge, named.ebb, named.bed], bridgeUuid, clock: rig.clock },
    ...{ ratesPerSecond: [50, 200, null], stepMs: 100, ...more },
  };
  const run = examineBus(rig.can, order);
  const events: ExaminationEvent[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { report: busExaminationSchema.parse(next.value), events };
    events.push(next.value);
    on(next.value);
  }
}

const nodeOf = ({ report }: Examined, name: string) => {
  const found = report.nodes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

describe('the examination of a bus', () => {
  it('counts every request and reply of nodes that a stopped Klipper left claimed, and finds nothing', async () => {
    await using rig = await NodeRig.open([ebb, bed]);
    const seen = await examine(rig);
    for (const name of ['mcu', 'mcu EBB', 'mcu bed']) {
      const { state, version, idle, ramp, moved, errors } = nodeOf(seen, name);
      expect({ state, version, moved, lost: [idle, ...ramp].map(lostOf) }, name).toEqual({
        ...{ state: 'replies', version: 'v0.13.0-730-gcafe00000', moved: null, lost: [0, 0, 0, 0] },
      });
      expect(errors, name).toEqual({ rxErrors: 0, txErrors: 0, txRetries: 0, state: 'active' });
      expect(idle.requests, name).toBeGreaterThan(5);
      expect(ramp.map(({ requests, ratePerSecond }) => [ratePerSecond, requests]).slice(0, 2), name).toEqual([
        [50, 5],
        [200, 20],
      ]);
    }
    // As fast as they reply: more than any step before.
    const full = ['mcu EBB', 'mcu bed'].map((name) => nodeOf(seen, name).ramp[2]?.requests ?? 0);
    expect(Math.min(...full)).toBeGreaterThan(5);
    expect(full.reduce((sum, each) => sum + each)).toBeGreaterThan(60);
    expect(seen.report.verdict).toBe('fine');
    expect(seen.report.findings[0]?.text).toMatch(
      /^\[mcu EBB\] and \[mcu bed\] replied to all of \d+ requests, in/,
    );
    expect(seen.report.showsTermination).toBe(false);
  });

  it('takes longer to hear of a node on the bus than of the bridge, and longest of a full bus', async () => {
    await using rig = await NodeRig.open([ebb, bed]);
    const seen = await examine(rig);
    // Its id comes second when both have something to send.
    const { idle, ramp } = nodeOf(seen, 'mcu bed');
    expect(idle.medianMs).toBeGreaterThan(nodeOf(seen, 'mcu').idle.medianMs ?? Infinity);
    // A request and a reply of 64 bytes: 2 + 7 frames of 130 bits at 1 Mbit/s.
    expect(idle.medianMs).toBeGreaterThan(0.5);
    expect(idle.medianMs).toBeLessThan(3);
    expect(ramp.at(-1)?.medianMs).toBeGreaterThan(idle.medianMs ?? Infinity);
  });

  it('does not count what the stopped host left half sent', async () => {
    await using rig = await NodeRig.open([ebb]);
    const { toNode: id } = dataIds(ebb.claimedAs);
    await rig.can.send({ id, extended: false, data: Uint8Array.of(0x1e, 0x10, 1, 0x81, 0x20, 0x28) });
    const seen = await examine(rig, { nodes: [named.bridge, named.ebb], replyMs: 50 });
    expect(lostOf(nodeOf(seen, 'mcu EBB').idle)).toBe(0);
    expect(seen.report.verdict).toBe('fine');
  });

  it('resets the nodes afterwards, the bridge never', async () => {
    await using rig = await NodeRig.open([ebb, bed]);
    const seen = await examine(rig);
    expect(seen.report.nodes.map(({ name, reset }) => [name, reset])).toEqual([
      ['mcu', 'no'],
      ['mcu EBB', 'back'],
      ['mcu bed', 'back'],
    ]);
    const { nodes } = await queryNodes(rig.can, { clock: rig.clock });
    expect(nodes.map(({ canbusUuid }) => canbusUuid).toSorted()).toEqual([uuid, otherUuid]);
  });

  it('names a loose plug: replies are lost while it is moved, and none before', async () => {
    await using rig = await NodeRig.open([ebb, bed]);
    let moves = 0;
    const seen = await examine(rig, { movedMs: 4000, replyMs: 50 }, ({ type }) => {
      if (type !== 'exam-moved') return;
      moves += 1;
      if (moves === 3 || moves === 4) rig.toolhead.setWired(moves === 4);
    });
    expect(lostOf(nodeOf(seen, 'mcu EBB').idle)).toBe(0);
    const { moved } = nodeOf(seen, 'mcu EBB');
    expect(moved === null ? 0 : lostOf(moved)).toBeGreaterThan(0);
    // It comes back by itself, without more losses than while it was open.
    expect(moved?.replies).toBeGreaterThan(200);
    const still = nodeOf(seen, 'mcu bed').moved;
    expect(still?.requests).toBeGreaterThanOrEqual(400);
    expect(still?.replies).toBe(still?.requests);
    const slices = seen.events.flatMap((event) => (event.type === 'exam-moved' ? [event.lost] : []));
    const lossy = slices.flatMap((lost, at) =>
      lost.filter((each) => each.lost > 0).map(({ name }) => `${at} ${name}`),
    );
    expect(lossy).toEqual(['3 mcu EBB']);
    expect(seen.report).toMatchObject({ verdict: 'wrong', findings: [{ names: ['mcu EBB'] }] });
    expect(seen.report.findings[0]?.text).toMatch(
      /^\[mcu EBB\] lost \d+ of \d+ replies, only while the cables were moved\.$/,
    );
    expect(nodeOf(seen, 'mcu EBB').reset).toBe('back');
  });

  it('ends the moving when the person has had enough', async () => {
    await using rig = await NodeRig.open([ebb]);
    const enough = new AbortController();
    const nodes = [named.bridge, named.ebb];
    const seen = await examine(rig, { nodes, movedMs: 60_000, enough: enough.signal }, ({ type }) => {
      if (type === 'exam-moved') enough.abort();
    });
    expect(seen.events.filter(({ type }) => type === 'exam-moved')).toHaveLength(1);
    expect(seen.report.verdict).toBe('fine');
  });

  it('reports frames that were damaged and sent again, which lose no reply', async () => {
    await using rig = await NodeRig.open([ebb, bed], { canBitErrorRate: 0.00002 });
    const seen = await examine(rig);
    expect(seen.report.nodes.flatMap(({ idle, ramp }) => [idle, ...ramp].map(lostOf))).toEqual(
      Array(12).fill(0),
    );
    const { errors } = nodeOf(seen, 'mcu EBB');
    expect((errors?.rxErrors ?? 0) + (errors?.txErrors ?? 0)).toBeGreaterThan(0);
    expect(seen.report).toMatchObject({ verdict: 'look', showsTermination: true });
    expect(seen.report.findings[0]?.text).toContain('sent again');
  });

  it('takes the replies alone as a verdict where the firmware does not count', async () => {
    await using rig = await NodeRig.open([{ ...ebb, countsErrors: false }]);
    const seen = await examine(rig, { nodes: [named.bridge, named.ebb] });
    expect(nodeOf(seen, 'mcu EBB')).toMatchObject({ errors: null, state: 'replies', reset: 'back' });
    expect(seen.report.verdict).toBe('fine');
  });

  it('does not take the echo of a bridge without termination for a bus', async () => {
    await using rig = await NodeRig.open([ebb, bed], { canTerminated: false });
    const seen = await examine(rig, { replyMs: 50 });
    expect(seen.report.nodes.map(({ state }) => state)).toEqual(['replies', 'silent', 'silent']);
    expect(seen.report).toMatchObject({ verdict: 'wrong', showsTermination: true });
    expect(seen.report.findings[0]?.text).toBe(
      'No node on the bus replies. The bridge [mcu] does, over USB, which proves nothing of the bus.',
    );
    expect(nodeOf(seen, 'mcu EBB')).toMatchObject({ reset: 'no', ramp: [] });
  });

  it('names the one node that is silent, and the one that waits in Katapult, and asks that one nothing', async () => {
    await using rig = await NodeRig.open([
      { ...ebb, wired: false },
      { uuid: otherUuid, application: 'katapult' },
      { uuid: '0e1a2b3c4d5e', application: 'klipper' },
    ]);
    const nodes = [named.bridge, named.ebb, named.bed, { name: 'mcu third', canbusUuid: '0e1a2b3c4d5e' }];
    const seen = await examine(rig, { nodes, replyMs: 50 });
    expect(seen.report.nodes.map(({ state }) => state)).toEqual(['replies', 'silent', 'katapult', 'replies']);
    expect(nodeOf(seen, 'mcu bed').idle.requests).toBe(0);
    expect(seen.report.findings.map(({ verdict, names }) => [verdict, ...names])).toEqual([
      ['wrong', 'mcu EBB'],
      ['look', 'mcu bed'],
    ]);
  });

  it('lists a node that printer.cfg does not name', async () => {
    await using rig = await NodeRig.open([ebb, { uuid: otherUuid, application: 'klipper' }]);
    const seen = await examine(rig, { nodes: [named.bridge, named.ebb] });
    expect(seen.report.others).toEqual([otherUuid]);
  });

  it('resets the nodes that it numbered when it is cancelled, wherever that is', async () => {
    for (const phase of ['exam-ramp', 'exam-moved'] as const) {
      await using rig = await NodeRig.open([ebb, bed]);
      const cancel = new AbortController();
      const reason = new Error('cancelled by the test');
      const run = examine(rig, { movedMs: 2000, signal: cancel.signal }, ({ type }) => {
        if (type === phase) cancel.abort(reason);
      });
      await expect(run, phase).rejects.toBe(reason);
      await rig.clock.sleep(2000);
      const { nodes } = await queryNodes(rig.can, { clock: rig.clock });
      expect(nodes.map(({ canbusUuid }) => canbusUuid).toSorted(), phase).toEqual([uuid, otherUuid]);
    }
  });

  it('ends with the error of the adapter that is pulled', async () => {
    await using rig = await NodeRig.open([ebb, bed]);
    const run = examine(rig, {}, ({ type }) => {
      if (type === 'exam-ramp') rig.bench.board('a').unplug();
    });
    expect((await failureOf(run)).code).toBe('link/gone');
  });
});
