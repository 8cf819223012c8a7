import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newFlow, type FlowState } from '../../../app/flow/flow-state.ts';
import { loadPresets } from '../../../main/presets.ts';
import { configPath } from '../../../main/sim/pi/pi-flavours.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { FlowRunner } from '../../../main/station/flow-runner.ts';
import { LiveBoards } from '../../../main/station/live-boards.ts';
import { codeOf } from '../../error-code.ts';
import { canbusUuid } from '../sim/pi/virtual-pi-fixture.ts';
import { openPis, Seen, wishes, type PisFixture } from './pis-fixture.ts';
import { noCards, writingWith } from './writing-rig.ts';

const presets = await loadPresets();
const signal = new AbortController().signal;
const id = 'f-0';
/** Its board is written and now in the Pi. */
const written: FlowState = {
  ...newFlow(id, '2026-01-01T00:00:00.000Z', 'usb:1-1'),
  ...{ stage: 'pi', uid: '430014000A50534E4E313120', canbusUuid },
};

interface Rig extends PisFixture {
  readonly piId: string;
  readonly runner: FlowRunner;
  readonly flows: Seen<FlowState>;
}

let opened: Rig | null = null;
afterEach(async () => {
  await opened?.runner[Symbol.asyncDispose]();
  await opened?.[Symbol.asyncDispose]();
  opened = null;
});

/** A station that was left with this flow, logged in to one kept Pi. */
async function open(flow: FlowState = written, isVirtual = false): Promise<Rig> {
  const fixture = await openPis();
  const { desk, questions, pis, jobs, folder } = fixture;
  const saved = await desk.save({ id: null, name: 'Voron', target: 'pi@voron', keyFile: null });
  desk.connect(saved.id);
  const trust = await questions.until(({ kind }) => kind === 'host-key');
  desk.answer(trust.id, { kind: 'trust' });
  const password = await questions.until(({ kind }) => kind === 'password');
  desk.answer(password.id, { kind: 'secret', secret: 'horse', keep: false });
  await pis.until(({ status }) => status === 'connected');
  await writeFile(join(folder, 'flows.json'), JSON.stringify([flow]));
  const bench = new VirtualBench({ boards: [] }, { clock: new VirtualClock() });
  const runner = await FlowRunner.open({
    boards: await LiveBoards.open(bench.devices),
    jobs,
    ...writingWith(
      { start: () => Promise.reject(new Error('nothing is written here')), search: () => false },
      jobs,
    ),
    presets,
    cards: noCards,
    pis: desk,
    isVirtual: () => isVirtual,
    folder,
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    onUnsaved: (error) => {
      throw error;
    },
  });
  const flows = new Seen(runner.follow(signal));
  return (opened = { ...fixture, piId: saved.id, runner, flows });
}

describe('a flow whose board is written', () => {
  it('has the plan that was agreed to applied, then proven, and is done with what was seen', async () => {
    const { pi, runner, flows, piId, folder } = await open();
    runner.choose({ id, choice: { type: 'choose-pi', piId } });
    const own = { ...wishes, boards: [{ section: 'mcu', canbusUuid: null }] };
    const { planId } = await runner.planPi({ id, wishes: own }, signal);
    runner.choose({ id, choice: { type: 'apply-pi', planId, confirmedIdle: false } });
    const done = await flows.until(({ stage }) => stage === 'done');
    expect(done.pi).toMatchObject({ name: 'Voron', goal: { boards: wishes.boards } });
    expect(done.pi?.proofs.map(({ outcome }) => outcome)).toEqual(['proven', 'proven', 'proven', 'proven']);
    expect(pi.tree.text(configPath)).toContain(canbusUuid);
    await runner[Symbol.asyncDispose]();
    expect(JSON.parse(await readFile(join(folder, 'flows.json'), 'utf8'))).toMatchObject([
      { id, stage: 'done', pi: { name: 'Voron' } },
    ]);
  });

  it('is planned for by its flow alone, whatever section it becomes, and with other boards as they are wished', async () => {
    const { runner, piId } = await open();
    const others = { section: 'mcu toolhead', canbusUuid: '0e1a2b3c4d5e' };
    const own = { section: 'mcu', canbusUuid: null };
    const planned = { id, wishes: { ...wishes, boards: [own, others] } };
    await expect(runner.planPi(planned, signal)).rejects.toMatchObject({ code: 'usage/invalid' });
    runner.choose({ id, choice: { type: 'choose-pi', piId } });
    const plan = await runner.planPi(planned, signal);
    expect(plan.goal.boards).toEqual([{ section: 'mcu', canbusUuid }, others]);
    const files = plan.steps.flatMap((step) => (step.kind === 'file' ? [step] : []));
    expect(files.find(({ path }) => path === configPath)?.after).toContain(`canbus_uuid: ${canbusUuid}`);
    await expect(runner.planPi({ ...planned, id: 'f-9' }, signal)).rejects.toMatchObject({
      code: 'flow/unknown',
    });
  });

  it('is proven by the goal of the plan that was shown, when nothing is left to do', async () => {
    const { desk, jobs, runner, flows, piId } = await open();
    const applied = desk.jobs.apply({
      id: piId,
      planId: (await desk.plan({ id: piId, wishes }, signal)).planId,
      confirmedIdle: false,
    });
    for await (const { endedAt } of jobs.follow(applied.jobId, signal)) if (endedAt !== null) break;
    runner.choose({ id, choice: { type: 'choose-pi', piId } });
    const own = { ...wishes, boards: [{ section: 'mcu', canbusUuid: null }] };
    const { planId, steps } = await runner.planPi({ id, wishes: own }, signal);
    expect(steps).toEqual([]);
    runner.choose({ id, choice: { type: 'prove-pi', planId, confirmedIdle: false } });
    const done = await flows.until(({ stage }) => stage === 'done');
    expect(done.pi).toMatchObject({ goal: { boards: [{ section: 'mcu', canbusUuid }] } });
    expect(done.pi?.proofs.map(({ outcome }) => outcome)).toEqual(['proven', 'proven', 'proven', 'proven']);
  });

  it('gets no plan while its canbus_uuid is unknown', async () => {
    const { runner, piId } = await open({ ...written, canbusUuid: null });
    runner.choose({ id, choice: { type: 'choose-pi', piId } });
    const own = { ...wishes, boards: [{ section: 'mcu', canbusUuid: null }] };
    await expect(runner.planPi({ id, wishes: own }, signal)).rejects.toMatchObject({ code: 'usage/invalid' });
    await expect(runner.planPi({ id, wishes: { ...wishes, boards: [] } }, signal)).resolves.toMatchObject({
      goal: { boards: [] },
    });
  });

  it('stays where it is with the reason when a step fails, and goes on once the change is finished', async () => {
    const { desk, pi, runner, flows, piId } = await open();
    runner.choose({ id, choice: { type: 'choose-pi', piId } });
    const { planId } = await desk.plan({ id: piId, wishes }, signal);
    pi.systemd.systemctl(['disable', '--now', 'systemd-networkd.service']);
    runner.choose({ id, choice: { type: 'apply-pi', planId, confirmedIdle: false } });
    const failed = await flows.until(({ trouble }) => trouble !== null);
    expect(failed).toMatchObject({ stage: 'pi', trouble: { state: 'pi-partial' } });
    pi.systemd.systemctl(['enable', '--now', 'systemd-networkd.service']);
    runner.choose({ id, choice: { type: 'settle-pi', undo: null, confirmedIdle: false } });
    const settled = await flows.until(
      (flow) => flow.trouble === null && flow.pi?.step === 'plan' && flow.pi.jobId === null,
    );
    expect(settled.stage).toBe('pi');
    expect((await desk.plan({ id: piId, wishes }, signal)).steps).toEqual([]);
  });

  it('says after a restart that the work on the Pi was cut off', async () => {
    const goal = { interfaceName: 'can0', bitrateBps: 1_000_000, txQueueLength: 128, boards: [] };
    const pi = { piId: 'x', name: 'Voron', step: 'apply', jobId: 'gone', goal } as const;
    const { flows } = await open({ ...written, pi: { ...pi, confirmedIdle: false, proofs: [] } });
    const flow = await flows.until(() => true);
    expect(flow.trouble).toMatchObject({ code: 'flow/interrupted', state: 'pi-unknown' });
  });

  it('takes no plan that was not made for its Pi, and no real Pi for a virtual board', async () => {
    const { runner, piId } = await open(written, true);
    expect(codeOf(() => runner.choose({ id, choice: { type: 'choose-pi', piId } }))).toBe('pi/virtual-only');
    const apply = { type: 'apply-pi', planId: 'of-another', confirmedIdle: false } as const;
    expect(codeOf(() => runner.choose({ id, choice: apply }))).toBe('pi/plan-unknown');
  });
});
