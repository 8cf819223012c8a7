import { findPreset } from '../../../app/boards/preset.ts';
import { loadPresets } from '../../presets.ts';
import type { Images } from '../../../app/image/image-parts.ts';
import type { LoadedImage } from '../../jobs/board-images.ts';
import type { CrystalSearchOptions } from '../../jobs/crystal-images.ts';
import type { CliIo } from './context.ts';
import { withFirmware, type FirmwareOptions } from './firmware-options.ts';

interface RescueArguments extends FirmwareOptions {
  readonly preset?: string;
  readonly sim?: string;
  readonly rescue?: boolean;
}

/** For every command that can find a board's crystal. */
export const rescueOption = [
  '--rescue',
  'find the crystal of a board that stays silent, and write firmware for it',
] as const;

/**
 * Does `work` with the search for a silent board's crystal if `--rescue` asks for it; says before if it cannot. Without
 * a Katapult to write, the crystal is that of the Katapult on the board.
 */
export async function withRescue<T>(
  io: CliIo,
  options: RescueArguments,
  ordered: Images<LoadedImage>,
  work: (search: CrystalSearchOptions | undefined) => Promise<T>,
): Promise<T> {
  if (options.rescue !== true) return await work(undefined);
  const { crystalSupply, noSearch } = await import('../../station/rescue/crystal-supply.ts');
  const variantsHz = options.preset === undefined ? [] : await crystalsOf(options.preset);
  return await withFirmware(io, options, async (firmware) => {
    const isVirtual = options.sim !== undefined;
    const images = await crystalSupply(firmware, { images: ordered, variantsHz, isVirtual });
    const { obstacle } = images;
    if (obstacle !== null) {
      const text = ordered.bootloader === null ? noKlipper(obstacle) : noSearch(obstacle);
      io.emit({ type: 'note', text }, () => `Note: ${text}`);
    }
    return await work({ images, when: 'when-silent' });
  });
}

function noKlipper(obstacle: string): string {
  return `Should Katapult be for another crystal, only an image of the cache can take this one's place: ${obstacle}`;
}

async function crystalsOf(reference: string): Promise<readonly number[]> {
  const { preset } = findPreset(await loadPresets(), reference);
  return preset.variants.map(({ crystalHz }) => crystalHz.value);
}
