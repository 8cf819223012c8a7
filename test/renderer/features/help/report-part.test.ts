import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { unzipSync, strFromU8 } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StationHandlers } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import ReportPart from '../../../../renderer/features/help/ReportPart.svelte';
import { helpTexts } from '../../../../renderer/texts/help.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const texts = helpTexts.report;
const files = [
  { name: 'about.json', text: '{"canopus":"0.1.0"}\n' },
  { name: 'log.txt', text: 'a line\n' },
];
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

let station: ScriptedStation;
afterEach(() => station[Symbol.dispose]());

/** A station whose host has a dialog for folders, as the desktop has. */
async function show(handlers: Partial<StationHandlers>) {
  station = new ScriptedStation({
    'app.info': () => ({
      ...{ version: '0.1.0', host: 'electron', platform: 'linux', simulated: false },
      features: ['choose-folder'],
    }),
    'app.supportReport': () => files,
    ...handlers,
  });
  await waitFor(() => expect(station.state.info).not.toBeNull());
  render(ReportPart, { station: station.state });
}

describe('a report', () => {
  it('is shown whole before it can be saved', async () => {
    await show({});
    expect(screen.queryByRole('button', { name: texts.save })).toBeNull();
    await press(texts.collect);
    for (const { name, text } of files)
      expect((await screen.findByLabelText(name)).textContent.trim()).toBe(text.trim());
    expect(screen.getByRole('button', { name: texts.save })).toBeTruthy();
  });

  it('is saved through the host, which allows no downloads, as a .zip of what was shown', async () => {
    const saved = vi.fn<StationHandlers['host.saveFile']>(() => ({ path: '/home/me/canopus-report.zip' }));
    await show({ 'host.saveFile': saved });
    await press(texts.collect);
    await screen.findByLabelText('log.txt');
    await press(texts.save);
    await screen.findByText(texts.saved('/home/me/canopus-report.zip'));
    const { name, base64 } = saved.mock.calls[0]![0];
    expect(name).toBe('canopus-report.zip');
    const zip = unzipSync(Uint8Array.from(Buffer.from(base64, 'base64')));
    expect(Object.entries(zip).map(([file, bytes]) => ({ name: file, text: strFromU8(bytes) }))).toEqual(
      files,
    );
  });

  it('that cannot be saved says why, and stays', async () => {
    const message = 'There is no room left in /home/me.';
    await show({ 'host.saveFile': () => Promise.reject(new CanopusError('file/disk-full', message)) });
    await press(texts.collect);
    await screen.findByLabelText('log.txt');
    await press(texts.save);
    expect(await screen.findByText(message)).toBeTruthy();
    expect(screen.getByLabelText('log.txt')).toBeTruthy();
  });
});
