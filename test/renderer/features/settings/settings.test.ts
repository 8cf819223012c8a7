import { describe, expect, it } from 'vitest';
import type { StationInput } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import { defaultSettings } from '../../../../app/settings/settings.ts';
import { ComputerCheck } from '../../../../renderer/features/settings/computer-check.svelte.ts';
import { choices, SettingsForm } from '../../../../renderer/features/settings/settings-form.svelte.ts';
import { ScriptedStation } from '../../scripted-station.ts';

describe('the settings in a window', () => {
  it('offer a value that is none of the usual ones, in its place', () => {
    expect(choices([250_000, 1_000_000], 800_000)).toEqual([250_000, 800_000, 1_000_000]);
    expect(choices([250_000, 1_000_000], 250_000)).toEqual([250_000, 1_000_000]);
  });

  it('change only what was changed, and show why that could not be kept', async () => {
    const asked: StationInput<'settings.set'>[] = [];
    using station = new ScriptedStation({
      'settings.set': (change) => {
        asked.push(change);
        return Promise.reject(new CanopusError('file/disk-full', 'no space left'));
      },
    });
    const form = new SettingsForm(station.state);
    await form.change({ operator: 'Ada' });
    expect(asked).toEqual([{ operator: 'Ada' }]);
    expect(form.asking.error?.code).toBe('file/disk-full');
    expect(form.current).toEqual(defaultSettings);
  });
});

describe("the doctor's findings in a window", () => {
  it('stay when the next look fails, with the failure beside them', async () => {
    let looks = 0;
    const check = { id: 'usb', question: '?', verdict: 'fine', answer: '', why: '', fix: null } as const;
    const about = {
      versions: { canopus: '1', node: '20', electron: null, chromium: null },
      system: 'linux',
      folders: { data: '/d', cache: '/c', log: '/l' },
    };
    using station = new ScriptedStation({
      'app.about': () => Promise.resolve(about),
      'doctor.run': () => {
        looks += 1;
        if (looks === 1) return Promise.resolve([check]);
        return Promise.reject(new CanopusError('file/unreadable', 'no'));
      },
    });
    const computer = new ComputerCheck(station.client);
    await computer.look();
    expect(computer.checks).toEqual([check]);
    await computer.look();
    expect(computer.checks).toEqual([check]);
    expect(computer.asking.error?.code).toBe('file/unreadable');
  });
});
