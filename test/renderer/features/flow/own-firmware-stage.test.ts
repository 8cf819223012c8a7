import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type {
  FlowInput,
  PiView,
  StationInput,
  StationOutput,
} from '../../../../app/contract/station-contract.ts';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import { CanopusError } from '../../../../app/errors.ts';
import OwnFirmwareStage from '../../../../renderer/features/flow/OwnFirmwareStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { told } from '../../quiet-handlers.ts';
import { chosenOctopus, flow, job } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

type Toolchain = StationOutput<'builds.toolchain'>;
type BuildOrder = StationInput<'builds.start'>;

const words = texts.ownFirmware;
const voron: PiView = {
  ...{ id: 'p', name: 'Voron', host: 'voron', user: 'pi', port: null, keyFile: null },
  ...{ isVirtual: false, status: 'connected', error: null },
};
const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
const chosen: FlowInput = { type: 'choose-images', images };

const machine = (missing: Toolchain['missing']): Toolchain => ({
  ...{ machine: 'there', tools: [], missing, system: 'Linux', distribution: [], cores: 4, identity: '' },
  advice: missing.length === 0 ? null : 'Install it.',
});

interface World {
  readonly pi: PiView;
  /** What the Pi lacks, and what this computer lacks. */
  readonly there: Toolchain['missing'];
  readonly here: Toolchain['missing'];
  /** How the builds end, one after the other; done if there are no more. */
  readonly fails: CanopusError[];
  readonly images: FlowState['images'];
}

async function show(
  world: Partial<World> = {},
): Promise<{ choose: (choice: FlowInput) => void; orders: BuildOrder[]; forgotten: string[] }> {
  const { pi = voron, there = [], here = [], fails = [] } = world;
  const orders: BuildOrder[] = [];
  const forgotten: string[] = [];
  const ended = job({ id: 'b', kind: 'build', status: 'done', report: { kind: 'build', images } });
  const station = new ScriptedStation({
    'pi.watch': (_, { signal }) => told([{ type: 'all', items: [pi] }], signal),
    'pi.look': () => Promise.resolve({ facts: factsWith('v0.13.0-7'), changes: [] }),
    'builds.toolchain': ({ on }) => Promise.resolve(machine(on === null ? here : there)),
    'builds.start': (order) => {
      orders.push(order);
      return Promise.resolve({ jobId: 'b' });
    },
    'pi.forgetKey': ({ target }) => {
      forgotten.push(target);
      return Promise.resolve({ forgotten: [] });
    },
    'images.sample': () => Promise.resolve(images),
    'images.list': () => Promise.resolve([]),
    'images.check': () => Promise.resolve({}),
    'jobs.watch': async function* () {
      const event = { type: 'note', text: 'done' } as const;
      yield await Promise.resolve({ seq: 1, event: { at: '2026-01-01T12:00:00.000Z', event } });
    },
    'jobs.get': () => {
      const error = fails.shift();
      if (error === undefined) return Promise.resolve(ended);
      const { code, message, details, state } = error;
      return Promise.resolve(
        job({ status: 'failed', error: { code, message, details: { ...details }, state } }),
      );
    },
  });
  void station.state.open();
  await expect.poll(() => station.state.pis.isKnown).toBe(true);
  const choose = vi.fn<(choice: FlowInput) => void>();
  const board = chosenOctopus();
  const printer = { kind: 'pi', piId: 'p', name: pi.name } as const;
  const state = flow({ stage: 'firmware', board, printer, images: world.images ?? null });
  render(OwnFirmwareStage, { station: station.state, flow: state, board, choose });
  onTestFinished(() => station[Symbol.dispose]());
  return { choose, orders, forgotten };
}

/** The facts of a Pi as far as the firmware needs them. */
function factsWith(version: string): StationOutput<'pi.look'>['facts'] {
  const nothing = { hostName: null, os: null, model: null, kernel: null, machine: null, wordBits: null };
  return {
    system: { ...nothing, clockSkewSeconds: null, user: 'pi', sudo: 'free', systemd: null },
    network: { gsUsb: 'available', stack: null, why: '', interfaces: [], configuredBy: [], hat: [], usb: [] },
    klipper: {
      ...{ printers: [], tree: { path: '/home/pi/klipper', commit: null, version }, katapult: null },
      ...{ moonrakers: [], pythonCan: [], configs: [] },
    },
    changes: [],
  };
}

describe('the firmware of a board for a printer', () => {
  it('is built on its Pi as it runs there, and chosen, without a click', async () => {
    const { choose, orders } = await show();
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
    expect(orders).toMatchObject([
      { on: 'pi:pi@voron', katapult: null, klipper: null, whilePrinting: false },
    ]);
  });

  it('is built here from what the Pi runs, if the Pi has no compiler', async () => {
    const { choose, orders } = await show({ there: ['arm-none-eabi-gcc'] });
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
    expect(orders).toMatchObject([{ on: 'local', klipper: 'pi:pi@voron' }]);
  });

  it('is said to need something that is missing on both, by name, and other ways are open', async () => {
    const { choose, orders } = await show({ there: ['arm-none-eabi-gcc'], here: ['git', 'make'] });
    await screen.findByText(words.nowhere('Voron'));
    screen.getByText((text) => text.includes(words.lacks('Voron', ['arm-none-eabi-gcc'])));
    screen.getByText((text) => text.includes(words.lacks(words.thisComputer, ['git', 'make'])));
    expect(screen.getByText(words.advanced).closest('details')?.open).toBe(true);
    expect(choose).not.toHaveBeenCalled();
    expect(orders).toEqual([]);
    expect(screen.getByRole('button', { name: texts.flow.retry })).toHaveProperty('disabled', false);
  });

  it('is a sample for a virtual Pi', async () => {
    const { choose, orders } = await show({ pi: { ...voron, isVirtual: true } });
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
    expect(orders).toEqual([]);
  });

  it('waits for a person while the printer prints', async () => {
    const { choose, orders } = await show({ fails: [new CanopusError('build/printing', 'It prints.')] });
    await fireEvent.click(await screen.findByRole('button', { name: texts.recipe.buildWhilePrinting }));
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
    expect(orders.map(({ whilePrinting }) => whilePrinting)).toEqual([false, true]);
  });

  it('says why the login was refused without asking once more', async () => {
    const error = { code: 'ssh/auth-failed', message: 'Wrong password.', details: {}, state: null } as const;
    const { choose, orders } = await show({ pi: { ...voron, status: 'refused', error } });
    await screen.findByText('Wrong password.');
    expect(orders).toEqual([]);
    await fireEvent.click(screen.getByRole('button', { name: texts.flow.retry }));
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
  });

  it('goes on with a Pi that was set up again once its old key is forgotten', async () => {
    const details = { isOurs: 'yes', host: 'voron' };
    const error = { code: 'ssh/host-key-changed', message: 'Another key.', details, state: null } as const;
    const { choose, forgotten } = await show({ pi: { ...voron, status: 'refused', error } });
    await fireEvent.click(await screen.findByRole('button', { name: texts.pi.setUpAgain }));
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
    expect(forgotten).toEqual(['voron']);
  });

  it('names what failed, and is tried again', async () => {
    const { choose } = await show({ fails: [new CanopusError('source/unreachable', 'No network.')] });
    await screen.findByText('No network.');
    await fireEvent.click(screen.getByRole('button', { name: texts.flow.retry }));
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
  });

  it('stays as it was chosen when a person comes back, until it is made again', async () => {
    const { choose, orders } = await show({ images });
    screen.getByText(words.chosen);
    await fireEvent.click(screen.getByRole('button', { name: words.makeAnew }));
    await expect.poll(() => choose).toHaveBeenCalledWith(chosen);
    expect(orders).toHaveLength(1);
  });
});
