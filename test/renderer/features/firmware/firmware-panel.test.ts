import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import FirmwarePanel from '../../../../renderer/features/firmware/FirmwarePanel.svelte';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { ThemeState } from '../../../../renderer/navigation/theme.svelte.ts';
import { VirtualToggle } from '../../../../renderer/navigation/virtual-toggle.svelte.ts';
import { Ticker } from '../../../../renderer/station/ticker.svelte.ts';
import { chosenOctopus, job } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { CacheInMemory, imageView, inspected } from './image-samples.ts';

let station: ScriptedStation | null = null;
const ticker = new Ticker();

beforeEach(() => {
  location.hash = '#/firmware';
  localStorage.clear();
});
afterEach(() => {
  station?.[Symbol.dispose]();
  ticker.close();
});

function show(cache: CacheInMemory, hash = '#/firmware'): ScriptedStation {
  location.hash = hash;
  station = new ScriptedStation({
    ...cache.handlers,
    'builds.toolchain': () => ({
      ...{ machine: 'this computer', system: 'Linux', distribution: [], cores: 2, identity: '' },
      ...{ tools: [], missing: ['make'], advice: 'apt install make' },
    }),
  });
  void station.state.open();
  const props = { router: new Router(), theme: new ThemeState(), ticker, virtual: new VirtualToggle() };
  render(FirmwarePanel, { props: { station: station.state, ...props } });
  return station;
}

describe('the screen of the firmware', () => {
  it('says what to do where there is no image yet', async () => {
    show(new CacheInMemory([]));
    expect(await screen.findByText('No images yet')).toBeTruthy();
  });

  it('lists images with what protects them', async () => {
    const images = [await imageView(1, { pinned: true }), await imageView(2, { held: true })];
    show(new CacheInMemory(images));
    const rows = await screen.findAllByRole('row');
    expect(rows).toHaveLength(3);
    expect(within(rows[1]!).getByText('Pinned')).toBeTruthy();
    expect(within(rows[2]!).getByText('On a board')).toBeTruthy();
    expect(screen.getByText(/^2 images, 977 KiB of 512\.00 MiB$/)).toBeTruthy();
  });

  it('forgets an image on a board only after saying what that means', async () => {
    const cache = new CacheInMemory([await imageView(1, { held: true })]);
    show(cache);
    await fireEvent.click(await screen.findByRole('button', { name: /^Forget: Klipper/ }));
    expect(screen.getByRole('alert').textContent).toMatch(/is on a board/);
    await fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
    expect(screen.queryByRole('alert')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: /^Forget: Klipper/ }));
    await fireEvent.click(screen.getByRole('button', { name: 'Forget' }));
    expect(await screen.findByText('1 image forgotten.')).toBeTruthy();
    expect(cache.images).toEqual([]);
  });

  it('draws where an image lies and what writing it erases', async () => {
    const one = await inspected(1, 'CONFIG_A=y\n');
    show(new CacheInMemory([], { inspected: [one] }), `#/firmware/${one.image.record.key}`);
    const map = await screen.findByRole('table', { name: 'Flash' });
    const rows = within(map)
      .getAllByRole('row')
      .slice(1)
      .map((row) => [...row.children].map((cell) => cell.textContent.trim().replace(/\s+/g, ' ')));
    expect(rows).toEqual([
      ['0 to 1', '0x08000000', '32.0 KiB', 'Bootloader', 'kept'],
      ['2', '0x08008000', '16.0 KiB', 'This image, 16.0 KiB', 'erased'],
      ['3', '0x0800c000', '16.0 KiB', 'This image, 16.0 KiB', 'erased'],
      ['4', '0x08010000', '64.0 KiB', 'This image, 13.6 KiB', 'erased'],
      ['5 to 7', '0x08020000', '384 KiB', 'Not used by this image', 'kept'],
    ]);
  });

  it('names an image that no longer exists', async () => {
    show(new CacheInMemory([]), `#/firmware/${'0'.repeat(64)}`);
    expect(await screen.findByText('cache/unknown-image')).toBeTruthy();
  });

  it('compares two images side by side', async () => {
    const pair = [await inspected(1, 'CONFIG_B=1\n'), await inspected(2, 'CONFIG_B=2\n')];
    const keys = pair.map(({ image }) => image.record.key).join('+');
    show(new CacheInMemory([], { inspected: pair }), `#/firmware/${encodeURIComponent(keys)}`);
    expect(await screen.findByText('Their facts match, but their bytes differ.')).toBeTruthy();
    expect(screen.getByRole('table', { name: 'Configuration: 1 symbol differs' })).toBeTruthy();
  });

  it('builds what contradicts the board only when that is confirmed', async () => {
    show(new CacheInMemory([]), '#/firmware/build');
    const { presetId, variantId } = chosenOctopus();
    const build = await screen.findByRole<HTMLButtonElement>('button', { name: 'Build both' });
    const option = await screen.findAllByRole<HTMLOptionElement>('option', {
      name: /STM32F446/,
      hidden: true,
    });
    expect(option.length).toBeGreaterThan(0);
    await fireEvent.change(screen.getByLabelText('Board'), { target: { value: `${presetId}:${variantId}` } });
    expect(build.disabled).toBe(false);
    await fireEvent.input(screen.getByLabelText('Crystal, MHz'), { target: { value: '8' } });
    expect(build.disabled).toBe(true);
    await fireEvent.click(screen.getByRole('checkbox'));
    expect(build.disabled).toBe(false);
    expect(screen.getByText('Not installed here: make')).toBeTruthy();
  });

  it('shows builds with their end, and a way on where the printer prints', async () => {
    const { jobs } = show(new CacheInMemory([]), '#/firmware/build');
    const { presetId, variantId } = chosenOctopus();
    const at = '2026-01-01T12:00:00.000Z';
    const build = {
      kind: 'build',
      place: null,
      presetId: `${presetId}:${variantId}`,
      step: null,
    } as const;
    jobs.set(job({ ...build, id: 'build-1', build: { target: 'klipper', phase: 'compile' }, phase: null }));
    expect(await screen.findByText('Klipper: compiling')).toBeTruthy();
    const error = {
      code: 'build/printing',
      message: 'the Pi is printing',
      details: {},
      state: null,
    } as const;
    jobs.set(job({ ...build, id: 'build-1', status: 'failed', endedAt: at, phase: null, error }));
    expect(await screen.findByRole('button', { name: 'Build anyway' })).toBeTruthy();
    const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
    const report = { kind: 'build', images } as const;
    jobs.set(job({ ...build, id: 'build-2', status: 'done', endedAt: at, phase: null, report }));
    const link = await screen.findByRole<HTMLAnchorElement>('link', { name: 'Open Klipper' });
    expect(link.hash).toBe(`#/firmware/${'b'.repeat(64)}`);
  });
});
