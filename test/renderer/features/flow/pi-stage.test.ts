import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FlowInput, JobView, PiPlanView, PiView } from '../../../../app/contract/station-contract.ts';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import type { FlowWishes } from '../../../../app/flow/flow-wishes.ts';
import { defaultSettings, type Settings } from '../../../../app/settings/settings.ts';
import PiStage from '../../../../renderer/features/flow/PiStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { first, told } from '../../quiet-handlers.ts';
import { flow, job } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const canbusUuid = '6beb0175188a';
const words = texts.pi;
const voron: PiView = {
  ...{ id: 'p', name: 'Voron', host: 'voron', user: 'pi', port: null, keyFile: null },
  ...{ isVirtual: false, status: 'connected', error: null },
};
const plan: PiPlanView = {
  planId: 'plan-1',
  stack: 'networkd',
  steps: [
    { kind: 'klipper', via: 'moonraker', unit: null, reason: 'printer.cfg was changed', asRoot: false },
  ],
  undo: [],
  notes: [],
  blockers: [],
  printers: ['printer'],
  goal: { interfaceName: 'can0', bitrateBps: 1_000_000, txQueueLength: 128, boards: [] },
};
const chosen: NonNullable<FlowState['pi']> = {
  ...{ piId: 'p', name: 'Voron', step: 'plan', jobId: null, goal: null, confirmedIdle: false, proofs: [] },
};

interface Shown {
  readonly choose: (choice: FlowInput) => void;
  /** What plans were asked for. */
  readonly planned: FlowWishes[];
}

async function show(
  changes: Partial<FlowState>,
  {
    pis = [voron],
    jobs = [],
    settings = defaultSettings,
    planFor = () => plan,
  }: {
    pis?: readonly PiView[];
    jobs?: readonly JobView[];
    settings?: Settings;
    planFor?: (wishes: FlowWishes) => PiPlanView;
  } = {},
): Promise<Shown> {
  const planned: Shown['planned'] = [];
  const station = new ScriptedStation({
    'pi.watch': (_, { signal }) => told([{ type: 'all', items: [...pis] }], signal),
    'flows.planPi': ({ wishes }) => {
      planned.push(wishes);
      return Promise.resolve(planFor(wishes));
    },
    'settings.watch': (_, { signal }) => first(settings, signal),
  });
  for (const each of jobs) station.jobs.set(each);
  void station.state.open();
  await expect.poll(() => station.state.pis.isKnown && station.state.jobs.isKnown).toBe(true);
  const choose = vi.fn<Shown['choose']>();
  render(PiStage, {
    station: station.state,
    flow: flow({ stage: 'pi', place: 'usb:1-1', canbusUuid, ...changes }),
    choose,
  });
  onTestFinished(() => station[Symbol.dispose]());
  return { choose, planned };
}

describe('the Pi in the flow', () => {
  it('is planned with the bit rate and the queue length of the settings', async () => {
    const settings = { ...defaultSettings, defaultBitrateBps: 500_000, defaultTxQueueLength: 256 };
    const { planned } = await show({ pi: chosen }, { settings });
    await expect.poll(() => planned).toMatchObject([{ bitrateBps: 500_000, txQueueLength: 256 }]);
  });

  it('is planned for the board of the flow without a window naming it, and for others as a person adds them', async () => {
    const { planned } = await show({ pi: chosen });
    await expect.poll(() => planned.length).toBe(1);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: new RegExp(words.uuid) }).value).toBe(
      canbusUuid,
    );
    await fireEvent.click(screen.getByRole('button', { name: words.anotherBoard }));
    const added = screen.getAllByRole('combobox', { name: new RegExp(words.uuid) })[0]!;
    await fireEvent.input(added, { target: { value: '0e1a2b3c4d5e' } });
    await fireEvent.click(screen.getByRole('button', { name: words.makePlan }));
    await expect.poll(() => planned.length).toBe(2);
    expect(planned.map(({ boards }) => boards)).toEqual([
      [{ section: 'mcu', canbusUuid: null }],
      [
        { section: 'mcu', canbusUuid: null },
        { section: 'mcu toolhead', canbusUuid: '0e1a2b3c4d5e' },
      ],
    ]);
  });

  it('asks for the printer where the Pi has several, and plans for the chosen one', async () => {
    const printers = ['printer_1', 'printer_2'];
    const several = { code: 'pi/several-printers', text: 'this Pi has several' } as const;
    const planFor = ({ printer }: FlowWishes): PiPlanView =>
      printer === 'printer_2' ? { ...plan, printers } : { ...plan, printers, steps: [], blockers: [several] };
    const { planned, choose } = await show({ pi: chosen }, { planFor });
    await fireEvent.click(await screen.findByRole('button', { name: 'printer_2' }));
    await expect.poll(() => planned.map(({ printer }) => printer)).toEqual([null, 'printer_2']);
    expect(screen.getByRole<HTMLSelectElement>('combobox', { name: new RegExp(words.printer) }).value).toBe(
      'printer_2',
    );
    await fireEvent.click(await screen.findByRole('button', { name: words.apply }));
    expect(choose).toHaveBeenCalledWith({ type: 'apply-pi', planId: 'plan-1', confirmedIdle: false });
  });

  it('shows no choice of a printer where there is one', async () => {
    await show({ pi: chosen });
    await screen.findByText(words.through.moonraker);
    expect(screen.queryByRole('combobox', { name: new RegExp(words.printer) })).toBeNull();
  });

  it('has each printer that cannot be asked confirmed by its name', async () => {
    const printers = ['printer_1', 'printer_2'];
    const unknown = {
      code: 'pi/print-state-unknown',
      text: 'printer_2: ...',
      printers: ['printer_2'],
    } as const;
    const planFor = (): PiPlanView => ({ ...plan, printers, blockers: [unknown] });
    const { planned } = await show({ pi: chosen }, { planFor });
    await fireEvent.click(await screen.findByRole('button', { name: words.confirmedIdleOf(['printer_2']) }));
    await expect
      .poll(() => planned.map(({ confirmedIdle }) => confirmedIdle))
      .toEqual([false, ['printer_2']]);
  });

  it('is proven by the plan that was shown, when nothing is left to do', async () => {
    const { choose } = await show({ pi: chosen }, { planFor: () => ({ ...plan, steps: [] }) });
    await fireEvent.click(await screen.findByRole('button', { name: words.prove }));
    expect(choose).toHaveBeenCalledWith({ type: 'prove-pi', planId: 'plan-1', confirmedIdle: false });
  });

  it('is chosen from those that are kept, never a virtual one for a real board', async () => {
    const { choose } = await show(
      {},
      { pis: [voron, { ...voron, id: 'v', name: 'Virtual', isVirtual: true }] },
    );
    expect(screen.queryByText('Virtual')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: /Voron/ }));
    expect(choose).toHaveBeenCalledWith({ type: 'choose-pi', piId: 'p' });
    await fireEvent.click(screen.getByRole('button', { name: words.skip }));
    expect(choose).toHaveBeenCalledWith({ type: 'skip-pi' });
  });

  it('is asked for at once where none is kept', async () => {
    await show({}, { pis: [] });
    screen.getByRole('form', { name: words.add });
  });

  it('is checked automatically; its plan is applied as shown', async () => {
    const { choose } = await show({ pi: chosen });
    await screen.findByText(words.through.moonraker);
    await fireEvent.click(screen.getByRole('button', { name: words.apply }));
    expect(choose).toHaveBeenCalledWith({ type: 'apply-pi', planId: 'plan-1', confirmedIdle: false });
  });

  it('may not be left while it is being changed', async () => {
    const running = job({ id: 'j', kind: 'pi-apply', piId: 'p', status: 'running' });
    await show({ pi: { ...chosen, step: 'apply', jobId: 'j' } }, { jobs: [running] });
    await screen.findByRole('heading', { name: words.applying });
    for (const name of [words.otherPi, words.skip]) {
      expect(screen.getByRole('button', { name })).toHaveProperty('disabled', true);
    }
  });

  it('shows why a proof failed, and offers another one', async () => {
    const trouble = { code: 'pi/did-not-return', message: 'can0 stayed away.', state: 'pi-applied' } as const;
    const { choose } = await show({ pi: { ...chosen, step: 'prove' }, trouble });
    expect(screen.getByRole('alert').textContent).toContain('can0 stayed away.');
    await fireEvent.click(screen.getByRole('button', { name: words.proveAgain }));
    expect(choose).toHaveBeenCalledWith({ type: 'retry' });
  });
});
