import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { StationHandlers } from '../../../../app/contract/station-contract.ts';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import BackupSwitch from '../../../../renderer/features/backups/BackupSwitch.svelte';
import { flashBytesOf } from '../../../../renderer/features/backups/backup-offer.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { chosenOctopus, flow, presetNamed, presets } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { backup } from './backup-samples.ts';

const preset = presetNamed(/Octopus v1/);

function show(changes: Partial<FlowState> = {}, handlers: Partial<StationHandlers> = {}) {
  const station = new ScriptedStation(handlers);
  onTestFinished(() => station[Symbol.dispose]());
  const choose = vi.fn();
  const waiting = flow({ stage: 'firmware', board: chosenOctopus(), ...changes });
  render(BackupSwitch, { station: station.state, flow: waiting, preset, choose });
  return choose;
}

it('offers a backup with the seconds it takes by the size of the flash, and takes it unless it is not wanted', async () => {
  const choose = show();
  screen.getByText(texts.backup.offerText(3));
  const offer = screen.getByRole('switch', { name: texts.backup.offer });
  expect(offer.getAttribute('aria-checked')).toBe('true');
  await fireEvent.click(offer);
  expect(choose).toHaveBeenCalledWith({ type: 'choose-backup', isWanted: false });
});

it('says the seconds as the last backup of such a board was measured on this computer', async () => {
  const measured = [backup({ virtual: true, durationMs: 1000 }), backup({ durationMs: 9000 })];
  show({}, { 'backups.list': () => Promise.resolve({ backups: measured, damaged: [], folder: '/b' }) });
  expect(await screen.findByText(texts.backup.offerText(9))).toBeTruthy();
});

it('names the backup that was taken and offers no other', () => {
  show({ backupId: '20260504-080000-3fa2' });
  screen.getByText(texts.backup.taken('20260504-080000-3fa2'));
  expect(screen.queryByRole('switch')).toBeNull();
});

it('knows the flash of every variant of every board', () => {
  for (const each of presets) {
    for (const { id } of each.variants) expect(flashBytesOf(each, id)).toBeGreaterThan(0);
  }
  expect(flashBytesOf(null, 'f446')).toBeNull();
});
