import { waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PiView, StationInput } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import { buildArgument, readBuildArgument } from '../../../../renderer/navigation/build-link.ts';
import { RecipeForm } from '../../../../renderer/features/firmware/recipe-form.svelte.ts';
import { chosenOctopus } from '../../samples.ts';
import { told } from '../../quiet-handlers.ts';
import { ScriptedStation } from '../../scripted-station.ts';

beforeEach(() => localStorage.clear());

const orders: StationInput<'builds.start'>[] = [];

async function formFor(station: ScriptedStation): Promise<RecipeForm> {
  await waitFor(() => expect(station.state.info).not.toBeNull());
  const form = new RecipeForm(station.state);
  const { presetId, variantId } = chosenOctopus();
  form.board = `${presetId}:${variantId}`;
  return form;
}

function openStation(): ScriptedStation {
  orders.length = 0;
  return new ScriptedStation({
    'builds.start': (order) => {
      orders.push(order);
      return Promise.resolve({ jobId: 'job-1' });
    },
  });
}

describe('a recipe', () => {
  it('is as the board has it where nothing else is wanted', async () => {
    using station = openStation();
    const form = await formFor(station);
    expect(form.outcome.board?.recipe).toMatchObject({
      mcu: 'stm32f446xx',
      crystalHz: 12_000_000,
      canPins: ['PD0', 'PD1'],
    });
    expect(form.doubts).toBeNull();
    expect(await form.start()).toBe('job-1');
    expect(orders[0]).toMatchObject({ crystalHz: null, canPins: null, confirmed: false, on: 'local' });
  });

  it('begins with the board and the bit rate that a Pi needs', async () => {
    using station = openStation();
    await waitFor(() => expect(station.state.info).not.toBeNull());
    const { presetId, variantId } = chosenOctopus();
    const argument = buildArgument({ board: `${presetId}:${variantId}`, bitrateBps: 500_000 });
    const form = new RecipeForm(station.state, readBuildArgument(argument) ?? {});
    await form.start();
    expect(orders[0]).toMatchObject({ board: { presetId, variantId }, bitrateBps: 500_000 });
    expect(readBuildArgument(buildArgument({ board: '', bitrateBps: 250_000 }))).toEqual({
      ...{ board: '', bitrateBps: 250_000 },
    });
    expect(['build', 'images', 'build+a', 'build+a+b'].map(readBuildArgument)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('waits for a board, and for sources', async () => {
    using station = openStation();
    const form = await formFor(station);
    form.sources.klipper = ' ';
    expect(form.canStart).toBe(false);
    form.sources.klipper = 'pi:pi@voron';
    expect(form.canStart).toBe(true);
    form.board = '';
    expect(form.canStart).toBe(false);
  });

  it('that contradicts the board must be confirmed, and again when it is changed', async () => {
    using station = openStation();
    const form = await formFor(station);
    form.crystalMhz = '8';
    expect(form.doubts).toMatch(/a crystal of 12 MHz, the firmware would be built for 8 MHz/);
    expect(form.canStart).toBe(false);
    form.confirmed = form.doubts;
    expect(form.canStart).toBe(true);
    form.canPins = 'pb8 / pb9';
    expect(form.canStart).toBe(false);
    form.confirmed = form.doubts;
    await form.start();
    expect(orders[0]).toMatchObject({ crystalHz: 8_000_000, canPins: ['PB8', 'PB9'], confirmed: true });
  });

  it.each([
    ['crystalMhz', 'twelve', /crystal/],
    ['offsetKib', '-3', /offset/],
    ['bitrateBps', '5', /bit rate/],
    ['canPins', 'PD0', /CAN pins/],
    ['canPins', 'PD0/PD1/PD2', /CAN pins/],
    ['extra', 'no symbol', /kconfig symbol/],
  ] as const)('with %s "%s" says what is wrong with it', async (field, text, message) => {
    using station = openStation();
    const form = await formFor(station);
    form[field] = text;
    expect(form.outcome.problem).toMatch(message);
    expect(form.canStart).toBe(false);
  });

  it('takes further symbols for the one and the other', async () => {
    using station = openStation();
    const form = await formFor(station);
    form.extra = 'klipper:INITIAL_PINS="PA1"\n\nkatapult:CONFIG_ENABLE_LED=y';
    await form.start();
    expect(orders[0]?.extra).toEqual({ klipper: { INITIAL_PINS: '"PA1"' }, katapult: { ENABLE_LED: 'y' } });
  });

  it('keeps its sources for the next time', async () => {
    using station = openStation();
    const form = await formFor(station);
    form.sources.klipper = '/home/me/klipper';
    await form.start();
    expect((await formFor(station)).sources.klipper).toBe('/home/me/klipper');
  });

  it('is built in WSL on Windows, and on a Pi where one is chosen', async () => {
    const pi: PiView = {
      ...{ id: 'voron', name: 'Voron', host: 'voron.local', user: 'pi', port: null, keyFile: null },
      ...{ isVirtual: false, status: 'away', error: null },
    };
    const virtual = { ...pi, id: 'virtual', isVirtual: true };
    using station = new ScriptedStation({
      'app.info': () =>
        Promise.resolve({
          ...{ version: '1', host: 'headless', platform: 'win32', features: [], simulated: false },
        } as const),
      'pi.watch': (_, { signal }) => told([{ type: 'all', items: [pi, virtual] }], signal),
    });
    void station.state.open();
    const form = await formFor(station);
    expect(form.place).toBe('wsl');
    await waitFor(() => expect(form.pis).toEqual([{ place: 'pi:pi@voron.local', name: 'Voron' }]));
    form.place = 'pi:pi@voron.local';
    expect(form.place).toBe('pi:pi@voron.local');
  });

  it('shows why the station refused it', async () => {
    using station = new ScriptedStation({
      'builds.start': () => Promise.reject(new CanopusError('source/invalid', 'no source')),
    });
    const form = await formFor(station);
    expect(await form.start()).toBeNull();
    expect(form.asking.error?.code).toBe('source/invalid');
  });
});
