import { CanopusError } from '../../../app/errors.ts';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import { isMcuName } from '../../../app/mcu/mcu.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import type { CachedImage } from '../../firmware/image-cache.ts';
import { makeKatapultImage, makeKlipperImage } from '../../sim/sample-images.ts';

/** A sample image's twin for another crystal, for virtual boards; stored in the cache like any other. */
export async function sampleTwin(
  firmware: Pick<FirmwareService, 'importImage'>,
  { kind, mcu, version, applicationAddress, launchAddress, can, size }: ImageInfo,
  crystalHz: number,
): Promise<CachedImage> {
  if (mcu === null || !isMcuName(mcu))
    throw new CanopusError('rescue/no-image', `There are no sample images for ${mcu ?? 'an unknown MCU'}.`);
  const same = { mcu, crystalHz, size, ...(version === null ? {} : { version }) };
  const bytes =
    kind === 'katapult'
      ? makeKatapultImage({ ...same, ...(launchAddress === null ? {} : { launchAddress }) })
      : makeKlipperImage({
          ...same,
          ...(applicationAddress === null ? {} : { applicationAddress }),
          ...(can?.pins ? { pins: can.pins } : {}),
          ...(can?.bitrateBps ? { bitrateBps: can.bitrateBps } : {}),
        });
  return await firmware.importImage(bytes, `${kind} (virtual, ${crystalHz / 1e6} MHz)`);
}
