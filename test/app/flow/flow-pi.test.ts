import { describe, expect, it } from 'vitest';
import { flowAfter } from '../../../app/flow/flow.ts';
import type { FlowChoice, FlowEffect, FlowNews } from '../../../app/flow/flow-event.ts';
import { newFlow, type FlowState } from '../../../app/flow/flow-state.ts';
import type { ProofEvent } from '../../../app/pi/proof.ts';

const at = '2026-01-01T00:00:00.000Z';
const goal = { interfaceName: 'can0', bitrateBps: 1_000_000, txQueueLength: 128, boards: [] };
const proofs: readonly ProofEvent[] = [
  { type: 'pi-proof', proof: 'interface', outcome: 'proven', seen: 'can0 is up' },
];
const trouble = { code: 'pi/printing', message: 'the printer is printing', state: 'pi-untouched' } as const;

/** A flow whose board is written, with everything that it wanted done since. */
class Run {
  state: FlowState = { ...newFlow('1', at, 'usb:1-2'), stage: 'pi', canbusUuid: '6beb0175188a' };
  readonly effects: FlowEffect[] = [];

  tell(event: FlowChoice | FlowNews): this {
    const step = flowAfter(this.state, { ...event, at });
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  choose(): this {
    return this.tell({ type: 'choose-pi', piId: 'p', name: 'Voron' });
  }

  apply(): this {
    return this.choose().tell({ type: 'apply-pi', planId: 'x', goal, confirmedIdle: false });
  }

  started(jobId: string): this {
    return this.tell({ type: 'pi-started', jobId });
  }

  job(jobId: string, status: 'running' | 'done' | 'failed', more: Partial<JobNews> = {}): this {
    const plain = { uid: null, canbusUuid: null, backupId: null, trouble: null, proofs: [] };
    return this.tell({ type: 'job', jobId, status, ...plain, ...more });
  }

  get works(): unknown[] {
    return this.effects.flatMap((effect) => (effect.type === 'start-pi' ? [effect.work] : []));
  }
}

type JobNews = Extract<FlowNews, { type: 'job' }>;

describe('the Pi of a flow', () => {
  it('is planned for, set up, proven, and then the flow is done with what was seen', () => {
    const run = new Run().apply();
    expect(run.state.pi).toMatchObject({ piId: 'p', name: 'Voron', step: 'apply' });
    run.started('a').job('a', 'running').job('a', 'done');
    expect(run.state.pi).toMatchObject({ step: 'prove', jobId: null });
    run.started('b').job('b', 'running', { proofs }).job('b', 'done', { proofs });
    expect(run.state).toMatchObject({ stage: 'done', pi: { name: 'Voron', proofs } });
    expect(run.works).toEqual([
      { kind: 'apply', planId: 'x', confirmedIdle: false },
      { kind: 'prove', goal, confirmedIdle: false },
    ]);
  });

  it('may be left out', () => {
    expect(new Run().tell({ type: 'skip-pi' }).state).toMatchObject({ stage: 'done', pi: null });
    expect(new Run().choose().tell({ type: 'skip-pi' }).state).toMatchObject({ stage: 'done', pi: null });
  });

  it('may be another one, but not while it is being changed', () => {
    const run = new Run().choose().tell({ type: 'leave-pi' });
    expect(run.state.pi).toBeNull();
    run.apply();
    for (const type of ['leave-pi', 'skip-pi'] as const) {
      expect(run.tell({ type }).state).toMatchObject({ stage: 'pi', pi: { step: 'apply' } });
    }
    expect(run.tell({ type: 'back', stage: 'firmware' }).state.stage).toBe('pi');
  });

  it('is only proven where nothing is left to do', () => {
    const run = new Run().choose().tell({ type: 'prove-pi', goal, confirmedIdle: true });
    expect(run.works).toEqual([{ kind: 'prove', goal, confirmedIdle: true }]);
  });

  it('is planned for anew after a change that failed', () => {
    const run = new Run().apply().started('a').job('a', 'failed', { trouble });
    expect(run.state).toMatchObject({ stage: 'pi', trouble });
    expect(run.tell({ type: 'retry' }).state).toMatchObject({ trouble: null, pi: { step: 'plan' } });
  });

  it('is proven anew after a proof that failed, for the same goal', () => {
    const run = new Run().apply().started('a').job('a', 'done').started('b');
    run.job('b', 'failed', { trouble, proofs });
    expect(run.state).toMatchObject({ trouble, pi: { step: 'prove', proofs } });
    run.tell({ type: 'retry' });
    expect(run.works.at(-1)).toEqual({ kind: 'prove', goal, confirmedIdle: false });
    expect(run.state.pi).toMatchObject({ step: 'prove', jobId: null, proofs: [] });
  });

  it('is checked again after an earlier change was finished or undone', () => {
    const run = new Run().choose().tell({ type: 'settle-pi', undo: 'c', confirmedIdle: false });
    run.started('u').job('u', 'done');
    expect(run.state).toMatchObject({ stage: 'pi', pi: { step: 'plan', jobId: null } });
    run.tell({ type: 'settle-pi', undo: null, confirmedIdle: false });
    expect(run.works).toEqual([
      { kind: 'undo', changeId: 'c', confirmedIdle: false },
      { kind: 'resume', confirmedIdle: false },
    ]);
  });

  it('shows why work on it was refused', () => {
    expect(new Run().apply().tell({ type: 'pi-refused', trouble }).state).toMatchObject({ trouble });
  });

  it('ignores the end of another job', () => {
    const run = new Run().apply().started('a').job('b', 'done').job('b', 'failed', { trouble });
    expect(run.state).toMatchObject({ trouble: null, pi: { step: 'apply', jobId: 'a' } });
  });

  it('says after a restart that a change was interrupted, and goes on from the plan', () => {
    const run = new Run().apply().started('a').tell({ type: 'resumed' });
    expect(run.state.trouble).toMatchObject({ code: 'flow/interrupted', state: 'pi-unknown' });
    expect(run.tell({ type: 'retry' }).state.pi).toMatchObject({ step: 'plan', jobId: null });
  });

  it('is unchanged after a restart while a person looked at the plan', () => {
    const run = new Run().choose().tell({ type: 'resumed' });
    expect(run.state).toMatchObject({ stage: 'pi', trouble: null, pi: { step: 'plan' } });
  });
});
