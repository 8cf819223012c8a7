import { findPreset } from '../../../app/boards/preset.ts';
import { loadPresets } from '../../presets.ts';
import type { BoardImages } from '../../jobs/board-images.ts';
import type { CrystalSearchOptions } from '../../jobs/crystal-rescue.ts';
import type { CliIo } from './context.ts';
import { withFirmware, type FirmwareOptions } from './firmware-options.ts';

interface RescueArguments extends FirmwareOptions {
  readonly preset: string;
  readonly sim?: string;
  readonly rescue?: boolean;
}

/** Does `work` with the search for a silent board's crystal where `--rescue` asks for it; says before if it cannot. */
export async function withRescue<T>(
  io: CliIo,
  options: RescueArguments,
  { katapult, klipper }: Pick<BoardImages, 'katapult' | 'klipper'>,
  work: (search: CrystalSearchOptions | undefined) => Promise<T>,
): Promise<T> {
  if (options.rescue !== true) return await work(undefined);
  const { crystalSupply, noSearch } = await import('../../station/rescue/crystal-supply.ts');
  const { preset } = findPreset(await loadPresets(), options.preset);
  const variantsHz = preset.variants.map(({ crystalHz }) => crystalHz.value);
  return await withFirmware(io, options, async (firmware) => {
    const isVirtual = options.sim !== undefined;
    const images = await crystalSupply(firmware, { katapult, klipper, variantsHz, isVirtual });
    const { obstacle } = images;
    if (obstacle !== null)
      io.emit({ type: 'note', text: noSearch(obstacle) }, ({ text }) => `Note: ${String(text)}`);
    return await work({ images, when: 'when-silent' });
  });
}
