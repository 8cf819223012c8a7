import type { FirmwareSource } from './firmware-source.ts';
import type { FirmwareTarget } from './recipe.ts';

/** Where the two firmwares are developed. */
export const officialSources: Readonly<Record<FirmwareTarget, FirmwareSource>> = {
  klipper: { type: 'git', url: 'https://github.com/Klipper3d/klipper', ref: 'master' },
  katapult: { type: 'git', url: 'https://github.com/Arksine/katapult', ref: 'master' },
};

/** Where sources are looked for that were not named, in this order: what the Pi runs that builds, else the newest. */
export function usualSources(target: FirmwareTarget, on: string): readonly FirmwareSource[] {
  const official = officialSources[target];
  return on.startsWith('pi:') ? [{ type: 'pi', host: on.slice('pi:'.length) }, official] : [official];
}
