import { describe, expect, it } from 'vitest';
import { boardStates, errorCodes, leftStates, type ErrorDetails } from '../../../app/errors.ts';
import type { ErrorRow } from '../../../app/errors/error-row.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import { boardStateTable, stateText } from '../../../app/errors/left-states.ts';
import type { Surface } from '../../../app/errors/error-row.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import type { System } from '../../../app/system.ts';
import { allSteps } from './all-steps.ts';

/** The texts, with their codes in front, in which a word stands that has no place there. */
function found(pattern: RegExp, at: { surface?: Surface; not?: System; system?: System }): string[] {
  const steps = allSteps.filter(
    ({ surface, system }) =>
      (at.surface === undefined || surface === at.surface) &&
      (at.system === undefined || system === at.system) &&
      (at.not === undefined || system !== at.not),
  );
  return steps.filter(({ text }) => pattern.test(text)).map(({ code, text }) => `${code}: ${text}`);
}

describe('the next step after every error', () => {
  it('is a whole sentence on each surface and system', () => {
    for (const { code, text } of allSteps) {
      expect(text, code).toMatch(/^["~A-Z-].*\.$/s);
      expect(text, code).not.toMatch(/[{}]|undefined|\.\.|\s{2}/);
    }
  });

  it('names no option, command or terminal in a window', () => {
    const command = /--[a-z]|\bcanopus [a-z]|terminal|command line|"sudo|systemctl|dmesg|ssh-(add|keygen)/;
    expect(found(command, { surface: 'window' })).toEqual([]);
  });

  it('never sends a person in a terminal to a button, a page or a tab', () => {
    expect(found(/[Cc]hoose "|\btab\b|Firmware page|reload|tick "/, { surface: 'terminal' })).toEqual([]);
  });

  it('names what belongs to Linux on Linux only', () => {
    expect(found(/udev|ModemManager|\bapt\b|dialout|dfu-util/, { not: 'linux' })).toEqual([]);
  });

  it('names what belongs to Windows on Windows only', () => {
    expect(found(/Zadig|WinUSB|\bWSL\b|--on wsl|STTub/, { not: 'win32' })).toEqual([]);
  });

  it('names what belongs to macOS on macOS only', () => {
    expect(found(/macOS|System Settings/, { not: 'darwin' })).toEqual([]);
  });

  it('goes by the details: on Windows by the device that is really there', () => {
    const step = (device: string) =>
      nextStep('link/no-driver', { surface: 'window', system: 'win32', details: { device } });
    expect(new Set(['dfu', 'bridge', 'other'].map(step)).size).toBe(3);
    expect(step('dfu')).toContain('STM32 BOOTLOADER');
    expect(step('bridge')).not.toContain('STM32 BOOTLOADER');
  });

  it('names the search for the crystal where a board is silent, or its Katapult is for another one', () => {
    const step = (code: 'device/did-not-return' | 'image/wrong-crystal', surface: Surface) =>
      nextStep(code, { surface, system: 'linux', details: { place: 'usb:1-1' } });
    for (const code of ['device/did-not-return', 'image/wrong-crystal'] as const) {
      expect(step(code, 'window')).toContain('"Find the crystal"');
      expect(step(code, 'terminal')).toContain('--rescue');
    }
    expect(
      nextStep('image/wrong-crystal', { surface: 'terminal', system: 'linux', details: {} }),
    ).not.toContain('--rescue');
  });

  it('says for a recipe what to choose instead, by the field that is wrong', () => {
    const step = (details: ErrorDetails) =>
      nextStep('recipe/invalid', { surface: 'terminal', system: 'linux', details });
    const known = ['btt-octopus:f446', 'btt-octopus:f407'];
    expect(step({ field: 'variant', known })).toContain('btt-octopus:f446, btt-octopus:f407');
    expect(step({ field: 'can-pins', known: ['PB8/PB9'] })).toContain('--can-pins: PB8/PB9');
    const fields = ['crystal', 'offset', 'bit rate', 'CAN pins'].map((field) => step({ field }));
    expect(new Set(fields).size).toBe(4);
  });

  it('has a placeholder only where the case demands the detail', () => {
    for (const code of errorCodes) {
      const { next, cases = [] }: ErrorRow = errorTable[code];
      for (const { when, window, terminal } of [{ when: {}, ...next }, ...cases]) {
        const names = [...JSON.stringify([window, terminal]).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        for (const name of names) expect(when, code).toHaveProperty(name ?? '', true);
      }
    }
  });
});

it('calls every code by a title of a few words, without a full stop', () => {
  for (const code of errorCodes) expect(errorTable[code].title, code).toMatch(/^.{6,70}[^.]$/);
});

describe('what is left behind', () => {
  it('is written in whole sentences, without commands in a window', () => {
    for (const state of leftStates) {
      for (const surface of ['window', 'terminal'] as const)
        expect(stateText(state, surface), state).toMatch(/^[A-Z].*\.$/);
      expect(stateText(state, 'window'), state).not.toMatch(/canopus |--[a-z]/);
    }
  });

  it('has a title of a few words for every state of a board', () => {
    for (const state of boardStates) expect(boardStateTable[state].title.length).toBeLessThan(60);
  });
});
