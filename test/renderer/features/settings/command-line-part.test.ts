import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandLineView } from '../../../../app/command-line.ts';
import CommandLinePart from '../../../../renderer/features/settings/CommandLinePart.svelte';
import { commandLineTexts as words } from '../../../../renderer/texts/command-line.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const file = '/home/u/.local/bin/canopus';
let station: ScriptedStation;
afterEach(() => station[Symbol.dispose]());

function show(first: Partial<CommandLineView>, then: Partial<CommandLineView> = {}): boolean[] {
  const asked: boolean[] = [];
  const view = { state: 'offered', file, isOnPath: true, command: null, ...first } as const;
  station = new ScriptedStation({
    'app.commandLine': () => view,
    'app.setCommandLine': ({ isInstalled }) => {
      asked.push(isInstalled);
      return { ...view, ...then };
    },
  });
  render(CommandLinePart, { client: station.state.client });
  return asked;
}

describe('the part about the command line', () => {
  it('installs and removes by a click each, and says where terminals will look', async () => {
    const asked = show({}, { state: 'installed', isOnPath: false });
    await fireEvent.click(await screen.findByRole('button', { name: words.install }));
    expect(await screen.findByText(words.text.installed(file))).toBeTruthy();
    expect(screen.getByText(words.notOnPath('/home/u/.local/bin'))).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: words.remove }));
    expect(asked).toEqual([true, false]);
  });

  it('has the command for an administrator in place of the button', async () => {
    show({ command: 'sudo ln -sfn there here' });
    expect(await screen.findByText('sudo ln -sfn there here')).toBeTruthy();
    expect(screen.queryByRole('button', { name: words.install })).toBeNull();
  });

  it.each(['taken', 'move-first'] as const)('says why there is no button: %s', async (state) => {
    show({ state });
    expect(await screen.findByText(words.text[state](file))).toBeTruthy();
    expect(screen.queryByRole('button', { name: words.install })).toBeNull();
  });

  it('brings an older one up to date', async () => {
    const asked = show({ state: 'older' }, { state: 'installed' });
    await fireEvent.click(await screen.findByRole('button', { name: words.update }));
    expect(await screen.findByText(words.text.installed(file))).toBeTruthy();
    expect(asked).toEqual([true]);
  });
});
