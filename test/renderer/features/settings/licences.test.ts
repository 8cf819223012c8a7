import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import LicencesPart from '../../../../renderer/features/settings/LicencesPart.svelte';
import { ScriptedStation } from '../../scripted-station.ts';

describe('Settings, Licences', () => {
  it('lists what others made once asked, each with its text', async () => {
    const libusb = {
      name: 'libusb',
      version: '1.0.30',
      licence: 'LGPL-2.1-or-later',
      text: 'GNU LESSER ...',
    };
    using station = new ScriptedStation({ 'app.licences': () => Promise.resolve([libusb]) });
    render(LicencesPart, { client: station.client });
    screen.getByRole('button', { name: /Show the licences/ }).click();
    expect(await screen.findByText(/LGPL-2.1-or-later/)).toBeTruthy();
    expect(screen.getByText(/GNU LESSER/)).toBeTruthy();
  });

  it('says so in a checkout', async () => {
    using station = new ScriptedStation({ 'app.licences': () => Promise.resolve(null) });
    render(LicencesPart, { client: station.client });
    screen.getByRole('button', { name: /Show the licences/ }).click();
    expect(await screen.findByText(/not built into a package/)).toBeTruthy();
  });
});
