import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { BackupView, StationInput } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import RestoreDialog from '../../../../renderer/features/backups/RestoreDialog.svelte';
import { formatTime } from '../../../../renderer/features/history/run-tone.ts';
import { Ticker } from '../../../../renderer/station/ticker.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { bareBoard, job, presetNamed, uid } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { backup } from './backup-samples.ts';

const words = texts.backup.dialog;
const ticker = new Ticker();

function show(of: BackupView, refuse: CanopusError | null = null) {
  const orders: StationInput<'backups.restore'>[] = [];
  const station = new ScriptedStation({
    'backups.restore': (order) => {
      orders.push(order);
      return refuse === null ? Promise.resolve({ jobId: 'job-1' }) : Promise.reject(refuse);
    },
  });
  void station.state.open();
  const close = vi.fn();
  render(RestoreDialog, { station: station.state, ticker, backup: of, close });
  onTestFinished(() => {
    station[Symbol.dispose]();
    ticker.close();
  });
  return { station, orders, close };
}

const start = () => screen.getByRole<HTMLButtonElement>('button', { name: words.start });

it('names board, date and size, and waits for a board in DFU', async () => {
  const of = backup();
  const { station, orders } = show(of);
  const dialog = screen.getByRole('dialog', { name: words.title });
  await waitFor(() => expect(dialog.textContent).toContain(presetNamed(/Octopus v1/).name));
  for (const text of [uid, formatTime(of.at), '512 KiB']) expect(dialog.textContent).toContain(text);
  expect(start().disabled).toBe(true);
  station.boards.set(bareBoard('usb:1-1', { mode: 'katapult' }));
  station.boards.set(bareBoard('usb:1-2'));
  await waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  const order = { place: 'usb:1-2', backupId: of.id, label: null, file: null, operator: null };
  await waitFor(() => expect(orders).toEqual([order]));
});

it('takes no port for the right one where several boards are in DFU, and hands the label on', async () => {
  const { station, orders } = show(backup());
  station.boards.set(bareBoard('usb:1-1'));
  station.boards.set(bareBoard('usb:1-2'));
  await screen.findByRole('option', { name: 'USB port 1-2' });
  expect(start().disabled).toBe(true);
  await fireEvent.change(screen.getByRole('combobox', { name: words.port }), {
    target: { value: 'usb:1-2' },
  });
  await fireEvent.input(screen.getByRole('textbox'), { target: { value: ` ${uid} ` } });
  await fireEvent.click(start());
  await waitFor(() => expect(orders).toMatchObject([{ place: 'usb:1-2', label: uid }]));
});

it('asks for the name of a backup whose chip never reported its UID', () => {
  const of = backup({ uid: null });
  show(of);
  screen.getByText(words.name(of.id));
  expect(screen.getByRole('dialog').textContent).toContain(words.unknownChip);
});

it('shows the work, and that every byte was read back', async () => {
  const of = backup();
  const { station, orders } = show(of);
  station.boards.set(bareBoard('usb:1-2'));
  await waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  await waitFor(() => expect(orders).toHaveLength(1));
  station.jobs.set(job({ kind: 'restore', step: 'restore', phase: 'erase' }));
  expect(await screen.findByText(texts.steps.restore)).toBeTruthy();
  expect(screen.queryByRole('button', { name: words.start })).toBeNull();
  const report = {
    kind: 'restore',
    place: 'usb:1-2',
    backupId: of.id,
    uid,
    outcome: 'restored',
    bytesVerified: of.flashBytes,
    sectorsErased: 3,
    isStarted: true,
  } as const;
  station.jobs.set(job({ kind: 'restore', status: 'done', endedAt: '2026-05-04T08:01:00.000Z', report }));
  expect(await screen.findByText(words.done)).toBeTruthy();
});

it('says why a try failed, and lets the person read the label and try again', async () => {
  const { station, orders } = show(backup());
  station.boards.set(bareBoard('usb:1-2'));
  await waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  await waitFor(() => expect(orders).toHaveLength(1));
  const error = {
    code: 'backup/not-confirmed',
    message: 'The ROM does not tell.',
    state: 'untouched',
    details: { backup: 'x', uid, confirmBy: 'label' },
  } as const;
  station.jobs.set(job({ kind: 'restore', status: 'failed', endedAt: '2026-05-04T08:01:00.000Z', error }));
  expect((await screen.findByRole('alert')).textContent).toContain('The ROM does not tell.');
  await fireEvent.click(screen.getByRole('button', { name: words.again }));
  await fireEvent.input(screen.getByRole('textbox'), { target: { value: uid } });
  await fireEvent.click(start());
  await waitFor(() => expect(orders.at(-1)).toMatchObject({ label: uid }));
});

it('says why it cannot begin', async () => {
  const damaged = new CanopusError('backup/damaged', 'It is cut short.', {}, { state: 'untouched' });
  const { station } = show(backup(), damaged);
  station.boards.set(bareBoard('usb:1-2'));
  await waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  expect((await screen.findByRole('alert')).textContent).toContain('It is cut short.');
});
