import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportRecord } from '../../../../app/build/exported-record.ts';
import type { StationHandlers } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import FirmwarePanel from '../../../../renderer/features/firmware/FirmwarePanel.svelte';
import { recordFileName } from '../../../../renderer/features/firmware/record-check.svelte.ts';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { ThemeState } from '../../../../renderer/navigation/theme.svelte.ts';
import { VirtualToggle } from '../../../../renderer/navigation/virtual-toggle.svelte.ts';
import { Ticker } from '../../../../renderer/station/ticker.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { CacheInMemory, imageView, inspected } from './image-samples.ts';

let station: ScriptedStation | null = null;
const ticker = new Ticker();
const words = texts.recordCheck;

beforeEach(() => localStorage.clear());
afterEach(() => {
  station?.[Symbol.dispose]();
  station = null;
  ticker.close();
});

const { record: image } = await imageView(1);
const record = exportRecord(image, 'CONFIG_A=y\n')!;

/** The panel at one image, or at all; `rebuild` is what building again comes to. */
async function show(rebuild: StationHandlers['images.rebuild'], place = ''): Promise<unknown[]> {
  location.hash = `#/firmware${place}`;
  const one = await inspected(1, 'CONFIG_A=y\n');
  const saved: unknown[] = [];
  station = new ScriptedStation({
    'app.info': () => ({
      ...{ version: '0.1.0', host: 'electron', platform: 'linux', simulated: false },
      features: ['choose-folder'],
    }),
    ...new CacheInMemory([one.image], { inspected: [one] }).handlers,
    'images.record': () => Promise.resolve(record),
    'images.rebuild': rebuild,
    'host.saveFile': (file) => {
      saved.push(file);
      return Promise.resolve({ path: `/home/u/${file.name}` });
    },
  });
  await waitFor(() => expect(station?.state.info).not.toBeNull());
  const props = { router: new Router(), theme: new ThemeState(), ticker, virtual: new VirtualToggle() };
  render(FirmwarePanel, { props: { station: station.state, ...props } });
  return saved;
}

const comesOut = (isIdentical: boolean, differences: string[]): StationHandlers['images.rebuild'] =>
  async function* () {
    yield await Promise.resolve({ type: 'phase', phase: 'compile' } as const);
    yield { type: 'result', isIdentical, differences } as const;
  };

async function openRecord(content: string): Promise<void> {
  const field = await screen.findByLabelText(words.openHint, { selector: 'input' });
  const file = new File([content], 'klipper.json');
  Object.defineProperty(field, 'files', { value: [file], configurable: true });
  await fireEvent.change(field);
}

describe('the record of an image', () => {
  it('is saved as a file that the check reads again', async () => {
    const saved = await show(comesOut(true, []), `/${image.key}`);
    await fireEvent.click(await screen.findByRole('button', { name: words.save }));
    const name = recordFileName(record);
    expect(await screen.findByText(words.saved(`/home/u/${name}`))).toBeTruthy();
    const [{ base64 }] = saved as [{ base64: string }];
    expect(JSON.parse(atob(base64))).toEqual(record);
  });

  it('of an image of the cache is built again from its page', async () => {
    await show(comesOut(true, []), `/${image.key}`);
    await fireEvent.click(await screen.findByRole('button', { name: words.again }));
    expect(await screen.findByText(words.identical(words.ofThis))).toBeTruthy();
  });

  it('of another computer is checked, and what differs all the same is listed', async () => {
    await show(comesOut(true, ['The compiler: 12 there, 13 here.']));
    await openRecord(JSON.stringify(record));
    expect(await screen.findByText(words.identical('klipper.json'))).toBeTruthy();
    expect(screen.getByText('The compiler: 12 there, 13 here.')).toBeTruthy();
    expect(screen.getByText(words.sha256(record.image.sha256))).toBeTruthy();
  });

  it('that comes out as another image says what differs', async () => {
    await show(comesOut(false, ['The image: 9 bytes there, 8 bytes here.']));
    await openRecord(JSON.stringify(record));
    expect(await screen.findByText(words.different('klipper.json'))).toBeTruthy();
    expect(screen.getByText('The image: 9 bytes there, 8 bytes here.')).toBeTruthy();
  });

  it('that cannot be built again here says why, and is no failure of the image', async () => {
    await show(async function* () {
      yield await Promise.resolve({ type: 'phase', phase: 'source' } as const);
      throw new CanopusError('image/not-rebuildable', 'It cannot be built again here. No compiler.');
    });
    await openRecord(JSON.stringify(record));
    expect(await screen.findByText(words.notHere('klipper.json'))).toBeTruthy();
    expect(screen.getByText('It cannot be built again here. No compiler.')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each(['{"format":"something else"}', 'not JSON', ''])('refuses %j as no record', async (content) => {
    await show(comesOut(true, []));
    await openRecord(content);
    expect(await screen.findByText('image/no-record')).toBeTruthy();
  });

  it('is given up by a click, and nothing is said then', async () => {
    let isStopped = false;
    await show(async function* (_, { signal }) {
      yield await Promise.resolve({ type: 'phase', phase: 'compile' } as const);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      isStopped = true;
      throw new CanopusError('cancelled', 'cancelled');
    });
    await openRecord(JSON.stringify(record));
    await fireEvent.click(await screen.findByRole('button', { name: texts.cancel }));
    await expect.poll(() => screen.queryByText(words.working('klipper.json'))).toBeNull();
    await expect.poll(() => isStopped).toBe(true);
    expect(screen.queryByRole('alert')).toBeNull();
  });
});
