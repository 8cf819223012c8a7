import { hazardConfirms } from '../../../app/boards/hazards.ts';
import { usualRole, type BoardRole } from '../../../app/boards/board-role.ts';
import { requireUsbBootloader } from '../../../app/boards/usb-bootloader.ts';
import type { PresetChoice } from '../../../app/boards/preset.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import { isMcuName, mcuFacts } from '../../../app/mcu/mcu.ts';
import type { BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import type { ImageRecord } from '../../../app/build/image-record.ts';
import type { StationInput } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { confirmedBoard, expectationOf, withCrystal } from '../../../app/image/board-expectation.ts';
import { checkImages } from '../../../app/image/check-image.ts';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import { presentImages } from '../../../app/image/image-parts.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import { variantOf } from '../flash-jobs.ts';

type ArmOrder = StationInput<'bench.arm'>;

/**
 * The ordered recipe, with its images checked against its board and each other. Throws `bench/not-confirmed`,
 * `image/…`, `cache/…`, `preset/unknown`, `preset/no-usb-bootloader`, and `usage/invalid` for a node that is to be started
 * in another mode than its ROM.
 */
export async function recipeFor(
  order: ArmOrder,
  presets: readonly Preset[],
  cache: Pick<ImageCache, 'readRecord'>,
): Promise<BenchRecipe> {
  const choice = variantOf(presets, order.board);
  const [variant] = choice.variants;
  if (variant === undefined) {
    throw new CanopusError('preset/unknown', `${choice.preset.name} has no such variant.`);
  }
  const role = usualRole(choice.preset);
  requireUsbBootloader(choice.preset, variant.mcu.value);
  requireModesOf(role, order.modes);
  requireConfirmed(choice, order.confirmed);
  const { images } = order;
  const bootloader = images.bootloader === null ? null : await recordOf(cache, images.bootloader);
  const application = await recordOf(cache, images.application);
  const { confirmedCrystalHz = null, crystalHz = null } = order;
  const confirmed = { chipMarking: null, crystalHz: confirmedCrystalHz };
  const expected = confirmedBoard(expectationOf(choice), confirmed);
  checkImages(
    { bootloader: bootloader && infoOf(bootloader), application: infoOf(application) },
    crystalHz === null ? expected : withCrystal(expected, crystalHz),
  );
  const { presetId, variantId } = order.board;
  const mcu = variant.mcu.value;
  const { value: flashKiB, unconfirmed } = variant.flashKiB;
  return {
    id: [presetId, variantId, ...presentImages(images).map((key) => key.slice(0, 8))].join(':'),
    board: order.board,
    name: `${choice.preset.name}, ${isMcuName(mcu) ? mcuFacts[mcu].label : mcu}`,
    mcu,
    role,
    markings: variant.markings.value,
    flashBytes: flashKiB === null || unconfirmed === true ? null : flashKiB * 1024,
    images,
    klipper: { version: application.info.version, sha256: application.info.sha256 },
    modes: [...new Set(order.modes)],
    confirmedCrystalHz,
    crystalHz,
    backup: order.backup ?? false,
    target: order.target,
    isArmed: true,
  };
}

/** A node is on USB in its ROM only. */
function requireModesOf(role: BoardRole, modes: ArmOrder['modes']): void {
  if (role !== 'node' || modes.every((mode) => mode === 'dfu')) return;
  throw new CanopusError(
    'usage/invalid',
    'A CAN node is on USB in DFU or BOOTSEL only: arm it for that alone.',
  );
}

/** Confirmations for a whole batch: no person is asked for each board. */
function requireConfirmed({ preset }: PresetChoice, confirmed: boolean): void {
  const sentences = hazardConfirms(preset);
  if (confirmed || sentences.length === 0) return;
  throw new CanopusError('bench/not-confirmed', sentences.join(' '), { sentences });
}

async function recordOf(cache: Pick<ImageCache, 'readRecord'>, key: string): Promise<ImageRecord> {
  const record = await cache.readRecord(key);
  if (record !== null) return record;
  throw new CanopusError('cache/unknown-image', `There is no image ${key.slice(0, 12)} in the cache.`, {
    key,
  });
}

function infoOf({ info }: ImageRecord): ImageInfo {
  return { ...info, dictionary: null };
}
