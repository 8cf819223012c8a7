import { CanopusError } from '../../../app/errors.ts';
import type { ImagePart } from '../../../app/image/image-parts.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import type { CrystalImages } from '../../../main/jobs/crystal-images.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded } from './bench-run.ts';

/** Sample images for every requested crystal; `asked` lists which were. */
export class SampleCrystals implements CrystalImages {
  readonly crystalsHz: readonly number[];
  readonly obstacle = null;
  readonly asked: string[] = [];
  readonly #mcu: McuName;
  readonly #buildable: readonly number[];

  constructor(
    crystalsHz: readonly number[],
    mcu: McuName = 'stm32f446xx',
    buildable: readonly number[] = crystalsHz,
  ) {
    this.crystalsHz = crystalsHz;
    this.#mcu = mcu;
    this.#buildable = buildable;
  }

  get(part: ImagePart, crystalHz: number) {
    this.asked.push(`${part} ${crystalHz / 1e6}`);
    const options = { mcu: this.#mcu, crystalHz };
    if (part === 'bootloader') return asLoaded('katapult.bin', makeKatapultImage(options));
    if (!this.#buildable.includes(crystalHz))
      throw new CanopusError('rescue/no-image', `There is no Klipper for ${crystalHz} Hz.`);
    return asLoaded('klipper.bin', makeKlipperImage(options));
  }
}
