import { describe, expect, it } from 'vitest';
import { findPreset } from '../../../app/boards/preset.ts';
import { recipeForBoard } from '../../../app/build/board-recipe.ts';
import { loadPresets } from '../../../main/presets.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

const { preset, variants } = findPreset(await loadPresets(), 'btt-octopus:f446');

describe('the recipe of a board', () => {
  it('makes it what its preset says first, or what is wanted', () => {
    expect(recipeForBoard({ preset, variants }).recipe.role).toBe('bridge');
    const node = recipeForBoard({ preset, variants }, { role: 'node' });
    expect(node).toMatchObject({ recipe: { role: 'node', canPins: ['PD0', 'PD1'] }, doubts: [] });
    const usb = recipeForBoard({ preset, variants }, { role: 'usb' });
    expect(usb).toMatchObject({ recipe: { role: 'usb', canPins: null }, doubts: [] });
  });

  it('doubts a role that its preset does not have', () => {
    const toolhead = { ...preset, roles: { ...preset.roles, value: ['node' as const] } };
    expect(recipeForBoard({ preset: toolhead, variants }).recipe.role).toBe('node');
    const { doubts } = recipeForBoard({ preset: toolhead, variants }, { role: 'bridge' });
    expect(doubts).toEqual([
      {
        field: 'role',
        text: 'BigTreeTech Octopus v1.0 / v1.1 is a CAN node, the firmware would make it a USB-to-CAN bridge',
      },
    ]);
  });

  it('needs the CAN pins only of a board that has CAN', () => {
    const open = { ...preset, canPins: { ...preset.canPins, value: null } };
    expect(errorDetails(() => recipeForBoard({ preset: open, variants }))).toMatchObject({
      field: 'can-pins',
    });
    expect(recipeForBoard({ preset: open, variants }, { role: 'usb' }).recipe.canPins).toBeNull();
  });

  it('sets the pins that the board needs at start, in its roles, unless a person sets others', () => {
    const value = { pins: '!PA2, PD14', roles: ['node' as const], inKatapult: true };
    const switched = { ...preset, initialPins: { value, source: 'katapult' } };
    const extraOf = (wishes = {}) => recipeForBoard({ preset: switched, variants }, wishes).recipe.extra;
    expect(extraOf()).toEqual({ klipper: {}, katapult: {} });
    const symbols = { INITIAL_PINS: '"!PA2, PD14"' };
    expect(extraOf({ role: 'node' })).toEqual({ klipper: symbols, katapult: symbols });
    const klipper = { INITIAL_PINS: '"PB1"' };
    expect(extraOf({ role: 'node', extra: { klipper } })).toEqual({ klipper, katapult: symbols });
    value.inKatapult = false;
    expect(extraOf({ role: 'node' })).toEqual({ klipper: symbols, katapult: {} });
  });
});
