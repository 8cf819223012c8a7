import { describe, expect, it } from 'vitest';
import { PickerState } from '../../../../renderer/features/picker/picker.svelte.ts';
import { chosenOctopus, presetNamed, presets } from '../../samples.ts';

const octopus = presetNamed(/Octopus v1/);
const single = presets.find(({ variants }) => variants.length === 1)!;
const fresh = (): PickerState => new PickerState(() => presets, null);

describe('the board picker', () => {
  it('offers all boards until something is searched for', () => {
    const picker = fresh();
    expect(picker.found).toEqual(presets);
    picker.query = 'spider';
    expect(picker.found.length).toBeGreaterThan(0);
    expect(picker.found.every(({ name }) => name.includes('Spider'))).toBe(true);
    picker.query = 'no such board';
    expect(picker.found).toEqual([]);
  });

  it('says why a chip is not offered that cannot be a bridge', () => {
    const picker = fresh();
    picker.query = 'STM32F103';
    // A node may have one.
    expect(picker.found.map(({ id }) => id)).toEqual(['huvud']);
    picker.query = 'STM32F103 bridge';
    expect(picker.found).toEqual([]);
    expect(picker.whyNone).toContain('STM32F103 cannot be a USB-to-CAN bridge');
    picker.query = 'ender';
    expect(picker.whyNone).toBeNull();
  });

  it('lists only the boards of a chip that was seen, with the chip chosen, and all of them on a wish', () => {
    const { variantId } = chosenOctopus();
    const fits = [
      { presetId: octopus.id, variantId },
      { presetId: 'generic-stm32f446', variantId: '12mhz' },
    ];
    const sight = { flashKiB: 512, chips: ['STM32F446'], fits };
    const picker = new PickerState(() => presets, null, { sight: () => sight, isChipFirst: true });
    expect(picker.found.map(({ id }) => id)).toEqual([octopus.id]);
    picker.look(octopus);
    expect(picker.choice).toEqual({ presetId: octopus.id, variantId });
    expect(picker.isOfChip).toBe(true);
    picker.showsAll = true;
    expect(picker.found).toEqual(presets);
    picker.look(single);
    expect(picker.isOfChip).toBe(false);
  });

  it('lists all boards for a chip that no board is known with', () => {
    const sight = { flashKiB: 64, chips: [], fits: [] };
    expect(new PickerState(() => presets, null, { sight: () => sight }).found).toEqual(presets);
  });

  it('waits for a chip, a search or a wish where the chip comes first', () => {
    const picker = new PickerState(() => presets, null, { isChipFirst: true });
    expect(picker.isListed).toBe(false);
    picker.query = 'octopus';
    expect(picker.isListed).toBe(true);
    picker.query = '';
    picker.showsAll = true;
    expect(picker.isListed).toBe(true);
  });

  it('wants the chip to be read where a board is sold with several', () => {
    const picker = fresh();
    picker.look(octopus);
    expect(picker.variantId).toBeNull();
    expect(picker.choice).toBeNull();
    picker.variantId = chosenOctopus().variantId;
    expect(picker.choice).toEqual({ presetId: octopus.id, variantId: chosenOctopus().variantId });
  });

  it('chooses the only chip of a board with the board', () => {
    const picker = fresh();
    picker.look(single);
    expect(picker.choice).toEqual({ presetId: single.id, variantId: single.variants[0]?.id });
  });

  it('forgets a chip that belongs to another board', () => {
    const picker = fresh();
    picker.look(octopus);
    picker.variantId = chosenOctopus().variantId;
    picker.look(presetNamed(/Octopus Pro v1.1/));
    expect(picker.choice).toBeNull();
  });

  it('keeps the chip when the same board is looked at again', () => {
    const picker = new PickerState(() => presets, chosenOctopus());
    picker.look(octopus);
    expect(picker.variantId).toBe(chosenOctopus().variantId);
  });

  it('begins with what was chosen before', () => {
    const picker = new PickerState(() => presets, chosenOctopus());
    expect(picker.preset?.id).toBe(octopus.id);
    expect(picker.choice).not.toBeNull();
  });
});
