import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ImageView, StationInput } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import ArmPanel from '../../../../renderer/features/bench/batch/ArmPanel.svelte';
import { crystalOf } from '../../../../renderer/features/firmware/image-facts.ts';
import { ImageChoice } from '../../../../renderer/features/firmware/image-choice.svelte.ts';
import FlashStage from '../../../../renderer/features/flow/FlashStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { chosenOctopus, flow, presetNamed } from '../../samples.ts';
import { imageView } from './image-samples.ts';

const unknown = {
  code: 'image/crystal-unknown',
  message: 'The crystal that this Klipper is built for cannot be told.',
  details: {},
} as const;
const wrong = { code: 'image/wrong-crystal', message: 'It is for 8 MHz.', details: {} } as const;

const view = async (seed: number, kind: 'katapult' | 'klipper'): Promise<ImageView> => {
  const image = await imageView(seed);
  return { ...image, record: { ...image.record, info: { ...image.record.info, kind } } };
};
const [katapult, told, silent, other] = await Promise.all([
  view(1, 'katapult'),
  view(2, 'klipper'),
  view(3, 'klipper'),
  view(4, 'klipper'),
]);

const station = (armed: StationInput<'bench.arm'>[] = [], images = [silent, told, other, katapult]) => {
  const scripted = new ScriptedStation({
    'images.list': () => Promise.resolve(images),
    'images.check': () =>
      Promise.resolve(
        Object.fromEntries(
          images.map(({ record: { key } }) => [
            key,
            key === silent.record.key ? [unknown] : key === other.record.key ? [wrong] : [],
          ]),
        ),
      ),
    'bench.arm': (order) => {
      armed.push(order);
      if (order.confirmedCrystalHz === null)
        return Promise.reject(new CanopusError(unknown.code, unknown.message, {}, { state: 'untouched' }));
      return Promise.resolve({ recipeId: 'r1' });
    },
  });
  onTestFinished(() => scripted[Symbol.dispose]());
  return scripted;
};

describe('an image with an unknown crystal', () => {
  it('is offered beside those that fit, but chosen by a person only', async () => {
    const choice = new ImageChoice(station().client, chosenOctopus());
    await choice.load();
    expect(choice.fitting('application').map(({ record }) => record.key)).toEqual([
      silent.record.key,
      told.record.key,
    ]);
    expect(choice.refused.map(({ record }) => record.key)).toEqual([other.record.key]);
    expect(choice.isDoubtful(silent.record.key)).toBe(true);
    expect(choice.pair).toEqual({ bootloader: katapult.record.key, application: told.record.key });
    choice.choose(silent.record.key);
    expect(choice.pair?.application).toBe(silent.record.key);
  });

  it('says so among its facts', () => {
    expect(crystalOf({ kind: 'klipper', crystalHz: null })).toBe(texts.images.crystalUnknown);
    expect(crystalOf({ kind: 'katapult', crystalHz: 12_000_000 })).toBe('12 MHz');
    expect(crystalOf({ kind: 'klipper', crystalHz: 0 })).toBe(texts.images.internalOscillator);
    expect(crystalOf({ kind: 'unknown', crystalHz: null })).toBeNull();
  });

  it('is asked about before it is written to the board of a flow', async () => {
    const trouble = { code: unknown.code, message: unknown.message, state: 'untouched' } as const;
    const choose = vi.fn();
    const stopped = flow({ stage: 'flash', board: chosenOctopus(), isConfirmed: true, trouble });
    const props = { station: station().state, flow: stopped, nowMs: 0, choose };
    render(FlashStage, { ...props, preset: presetNamed(/Octopus v1/) });
    screen.getByRole('group', { name: texts.firmware.crystalQuestion });
    expect(screen.queryByRole('button', { name: texts.flow.retry })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: '12 MHz' }));
    const confirmations = { chipMarking: null, crystalHz: 12_000_000 };
    expect(choose).toHaveBeenCalledExactlyOnceWith({ type: 'vouch', confirmations });
  });

  it('is asked about when a recipe of the bench is made', async () => {
    const armed: StationInput<'bench.arm'>[] = [];
    const scripted = station(armed, [silent, katapult]);
    void scripted.state.open();
    const close = vi.fn();
    render(ArmPanel, { station: scripted.state, close, onArm: vi.fn() });
    const click = async (role: string, name: string | RegExp) =>
      fireEvent.click(await screen.findByRole(role, { name }));
    await click('button', /Octopus v1/);
    await click('radio', /STM32F446/);
    await click('button', texts.picker.use);
    await click('radio', new RegExp(texts.firmware.crystalDoubt));
    await click('button', texts.firmware.writeThese);
    await click('button', texts.batch.armNow);
    await click('button', '12 MHz');
    await vi.waitFor(() => {
      expect(close).toHaveBeenCalledOnce();
    });
    expect(armed.map(({ confirmedCrystalHz }) => confirmedCrystalHz)).toEqual([null, 12_000_000]);
  });
});
