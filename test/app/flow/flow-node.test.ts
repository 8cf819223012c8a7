import { describe, expect, it } from 'vitest';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import { flowAfter, isWriting } from '../../../app/flow/flow.ts';
import type { FlowChoice, FlowEffect, FlowNews } from '../../../app/flow/flow-event.ts';
import { flowStagesOf, newFlow, type FlowBoard, type FlowState } from '../../../app/flow/flow-state.ts';
import { boardInDfu } from '../../fixtures/boards.ts';

const at = '2026-01-01T00:00:00.000Z';
const ebb: FlowBoard = {
  ...{ presetId: 'btt-ebb-1.2', variantId: 'g0b1', name: 'EBB', mcu: 'stm32g0b1xx' },
  ...{ crystalHz: 8_000_000, role: 'node', confirms: [] },
};
const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
const uuid = '6beb0175188a';
const node = `can:1-4/${uuid}` as const;
const failure = { code: 'katapult/no-answer', message: '', state: 'untouched' } as const;

class Run {
  state: FlowState = newFlow('1', at, null);
  readonly effects: FlowEffect[] = [];

  tell(...events: (FlowChoice | FlowNews)[]): this {
    for (const event of events) {
      const { state, effects } = flowAfter(this.state, { ...event, at });
      this.state = state;
      this.effects.push(...effects);
    }
    return this;
  }

  job(status: 'done' | 'failed', canbusUuid: string | null = uuid): this {
    const { jobId } = this.state;
    const trouble = status === 'failed' ? failure : null;
    const known = { uid: null, canbusUuid, backupId: null, proofs: [] };
    return this.tell({ type: 'job', jobId: jobId ?? '', status, trouble, ...known });
  }

  get starts(): FlowEffect[] {
    return this.effects.filter(({ type }) => type === 'start-flash');
  }
}

/** In the middle of the write over USB. */
function overUsb(): Run {
  const look = { type: 'boards', heldPlaces: [] } as const;
  return new Run().tell(
    { type: 'no-printer' },
    { type: 'choose-board', board: ebb },
    { type: 'choose-images', images },
    { ...look, boards: [] },
    { ...look, boards: [boardInDfu('usb:1-2')] },
    { type: 'flash-started', jobId: 'usb' },
  );
}

const onBus = (canbusUuid: string | null = uuid): Run => overUsb().job('done', canbusUuid);

describe('the flow of a node', () => {
  it('goes by the bus, and has no Pi to set up', () => {
    expect(flowStagesOf(overUsb().state)).toEqual(
      expect.arrayContaining(['dfu', 'flash', 'bus', 'done']) as unknown,
    );
    expect(flowStagesOf(overUsb().state)).not.toContain('pi');
    expect(flowStagesOf({ board: { ...ebb, role: 'bridge' } })).not.toContain('bus');
  });

  it('writes Katapult alone over USB, then gives the port back and waits on the bus', () => {
    const run = overUsb();
    expect(run.starts).toMatchObject([{ place: 'usb:1-2', images: { ...images, application: null } }]);
    run.job('done');
    expect(run.state).toMatchObject({ stage: 'bus', place: null, canbusUuid: uuid, jobId: null });
    expect(isWriting(run.state)).toBe(false);
  });

  it('writes Klipper over CAN to the node that was found, without a backup, and is done', () => {
    const run = onBus().tell({ type: 'choose-node', place: node });
    expect(isWriting(run.state)).toBe(true);
    expect(run.starts[1]).toMatchObject({
      ...{ place: node, images: { ...images, bootloader: null }, backup: false },
    });
    run.tell({ type: 'flash-started', jobId: 'can' }).job('done');
    expect(run.state).toMatchObject({ stage: 'done', nodePlace: node, canbusUuid: uuid });
  });

  it('leaves another node than the one that got its Katapult here alone', () => {
    const run = onBus().tell({ type: 'choose-node', place: 'can:1-4/0e1a2b3c4d5e' });
    expect(run.starts).toHaveLength(1);
    expect(run.state).toMatchObject({ stage: 'bus', nodePlace: null });
  });

  it('takes the canbus_uuid from the bus where the chip did not report its UID', () => {
    const run = onBus(null).tell({ type: 'choose-node', place: node });
    expect(run.state).toMatchObject({ canbusUuid: uuid, nodePlace: node });
    expect(run.starts).toHaveLength(2);
  });

  it.each([
    ['tried again', { type: 'retry' }],
    ['confirmed', { type: 'vouch', confirmations: { ...noConfirmations, crystalHz: 8_000_000 } }],
  ] as const)('stays on the bus if the write over CAN fails and is %s', (_, choice) => {
    const run = onBus().tell({ type: 'choose-node', place: node }, { type: 'flash-started', jobId: 'can' });
    run.job('failed');
    expect(run.state).toMatchObject({ stage: 'bus', trouble: failure });
    run.tell(choice);
    expect(run.state).toMatchObject({ stage: 'bus', trouble: null });
    expect(run.starts).toHaveLength(3);
    expect(run.starts[2]).toMatchObject({ place: node, images: { bootloader: null } });
  });

  it('goes on where it was after a restart in the middle of the write over CAN', () => {
    const run = onBus().tell({ type: 'choose-node', place: node }, { type: 'resumed' });
    expect(run.state).toMatchObject({ stage: 'bus', trouble: { code: 'flow/interrupted' } });
    run.tell({ type: 'retry' });
    expect(run.starts[2]).toMatchObject({ place: node });
  });

  it('can go back to write Katapult again, maybe to another board', () => {
    const run = onBus().tell({ type: 'back', stage: 'dfu' });
    expect(run.state).toMatchObject({ stage: 'dfu', place: null, canbusUuid: null, nodePlace: null });
  });
});

it('a bridge is never written at a place on a bus', () => {
  const run = overUsb();
  run.state = { ...run.state, stage: 'pi', board: { ...ebb, role: 'bridge' } };
  run.tell({ type: 'choose-node', place: node });
  expect(run.starts).toHaveLength(1);
});
