import { flashStartOf, isMcuName, maxFlashKiB } from '../mcu/mcu.ts';
import { CanopusError } from '../errors.ts';
import type { ConnectInfo } from '../protocols/katapult/answer.ts';
import { hex32 } from '../hex.ts';

export interface KatapultTarget {
  /** The MCU that the image is for, as Katapult spells it; null if the image does not state it. */
  readonly expectedMcu: string | null;
  /** Where the image's first byte belongs; null if the image does not state it. */
  readonly applicationAddress: number | null;
  /** Flash size of this chip, if it is known better than from the MCU's name. */
  readonly flashSizeBytes?: number | undefined;
}

/**
 * Checks an image against what Katapult reported about itself, before anything is erased. Throws `katapult/wrong-mcu`,
 * `katapult/wrong-address`, `image/not-an-image`, `image/does-not-fit`.
 */
export function checkTarget(info: ConnectInfo, imageBytes: number, target: KatapultTarget): void {
  const { expectedMcu, applicationAddress } = target;
  if (imageBytes === 0) throw new CanopusError('image/not-an-image', 'The image has no bytes.');
  if (expectedMcu !== null && expectedMcu !== info.mcu) {
    throw new CanopusError(
      'katapult/wrong-mcu',
      `The image is for ${expectedMcu}, Katapult reports ${info.mcu}.`,
      {
        expected: expectedMcu,
        reported: info.mcu,
      },
    );
  }
  if (applicationAddress !== null && applicationAddress !== info.applicationAddress) {
    const expected = hex32(applicationAddress);
    const reported = hex32(info.applicationAddress);
    throw new CanopusError(
      'katapult/wrong-address',
      `The image is for ${expected}, Katapult starts the application at ${reported}.`,
      { expected, reported },
    );
  }
  const flashBytes = target.flashSizeBytes ?? maxFlashBytes(info.mcu);
  const roomBytes =
    flashBytes === null ? null : flashStartOf(info.mcu) + flashBytes - info.applicationAddress;
  if (roomBytes !== null && imageBytes > roomBytes) {
    // Beyond the end the firmware reads unmapped addresses, and hangs until it is reset.
    throw new CanopusError(
      'image/does-not-fit',
      `The image has ${imageBytes} bytes, from ${hex32(info.applicationAddress)} on there is room for ${roomBytes}.`,
      { imageBytes, roomBytes },
    );
  }
}

function maxFlashBytes(mcu: string): number | null {
  return isMcuName(mcu) ? maxFlashKiB(mcu) * 1024 : null;
}
