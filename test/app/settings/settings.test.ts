import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, readSettings, settingsSchema } from '../../../app/settings/settings.ts';

describe('reading stored settings', () => {
  it('takes what it knows', () => {
    const stored = { theme: 'dark', operator: ' Ada ', defaultBitrateBps: 500_000 };
    const { settings, refused } = readSettings(stored);
    expect(settings).toEqual({ ...defaultSettings, ...stored, operator: 'Ada' });
    expect(refused).toEqual({});
  });

  it('loses only the fields that are wrong', () => {
    const { settings, refused } = readSettings({ theme: 'pink', playSounds: 'yes', operator: 'Ada' });
    expect(settings).toEqual({ ...defaultSettings, operator: 'Ada' });
    expect(refused).toEqual({ theme: 'pink', playSounds: 'yes' });
  });

  it('keeps what another version wrote', () => {
    const { settings, others } = readSettings({ labelPrinter: 'ql-700', theme: 'light' });
    expect(settings.theme).toBe('light');
    expect(others).toEqual({ labelPrinter: 'ql-700' });
  });

  it('returns usable settings whatever is stored', () => {
    const odd = fc.oneof(fc.anything(), fc.record({ theme: fc.anything(), operator: fc.string() }));
    fc.assert(fc.property(odd, (stored) => settingsSchema.safeParse(readSettings(stored).settings).success));
  });
});
