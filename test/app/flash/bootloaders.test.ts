import { describe, expect, it } from 'vitest';
import {
  bootloaderIds,
  bootloaderIn,
  bootloaderOfStep,
  bootloaders,
} from '../../../app/flash/bootloaders.ts';
import { imageParts } from '../../../app/image/image-parts.ts';

describe('the table of bootloaders', () => {
  it('has a way to write each part of flash', () => {
    const written = bootloaderIds.map((id) => bootloaders[id].writes);
    for (const part of imageParts) expect(written).toContain(part);
  });

  it('identifies each by one mode and one step', () => {
    for (const id of bootloaderIds) {
      const { mode, step } = bootloaders[id];
      expect(bootloaderIn(mode)).toBe(id);
      expect(bootloaderOfStep(step)).toBe(bootloaders[id]);
    }
  });

  it('has none for what runs an application, nor for a step that writes no part', () => {
    expect(
      ['can-bridge', 'klipper-serial', 'unknown'].map((mode) => bootloaderIn(mode as 'unknown')),
    ).toEqual([null, null, null]);
    expect(['restore', 'enter-katapult', null].map(bootloaderOfStep)).toEqual([null, null, null]);
  });
});
