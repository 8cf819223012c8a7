import type { PresetChoice } from '../boards/preset.ts';
import type { Preset } from '../boards/preset-schema.ts';
import { CanopusError, type ErrorDetails } from '../errors.ts';
import { confirmedBoard, expectationOf, type BoardExpectation } from '../image/board-expectation.ts';
import { findProblems } from '../image/check-image.ts';
import type { ImageInfo } from '../image/image-info.ts';
import type { ImageProblem } from '../image/image-problem.ts';
import { flashStartOf } from '../mcu/mcu.ts';
import type { Confirmations } from '../boards/confirmations.ts';

/** How a board takes firmware from an SD card. */
export interface CardWay {
  /** The only name that the maker's bootloader looks for: `firmware.bin`. */
  readonly fileName: string;
  /** Where it starts what it wrote, from the start of flash. */
  readonly offsetKiB: number;
}

/** How a board takes firmware from an SD card; null if no source states the file's name or the bootloader's size. */
export function cardWayOf({
  cardFile,
  makerBootloaderKiB,
}: Pick<Preset, 'cardFile' | 'makerBootloaderKiB'>): CardWay | null {
  const offsetKiB = makerBootloaderKiB.value;
  if (cardFile === undefined || offsetKiB === null || offsetKiB === 0) return null;
  return { fileName: cardFile.value, offsetKiB };
}

/** `cardWayOf` for a board that has one. Throws `card/not-for-board`. */
export function cardWayFor(preset: Preset): CardWay {
  const way = cardWayOf(preset);
  if (way !== null) return way;
  const message = `No source states how the maker's bootloader of ${preset.name} takes firmware from an SD card.`;
  throw new CanopusError('card/not-for-board', message, { board: preset.id }, { state: 'untouched' });
}

/** A reason against an image on a card. */
export interface CardImageProblem {
  readonly code: ImageProblem['code'] | 'katapult/deployer';
  readonly message: string;
  readonly details: ErrorDetails;
}

/**
 * Everything that contradicts an image on a card for this board, the plainest first. The maker's bootloader checks
 * nothing: it erases, writes and starts what it finds. Throws `card/not-for-board`.
 */
export function cardImageProblems(
  choice: PresetChoice,
  info: ImageInfo,
  confirmations: Confirmations,
): readonly CardImageProblem[] {
  const { preset } = choice;
  const way = cardWayFor(preset);
  if (info.kind === 'deployer') {
    const message =
      "The image is Katapult's deployer, which replaces the bootloader of the board while it runs from it.";
    return [{ code: 'katapult/deployer', message, details: { board: preset.id } }];
  }
  const board = behindMakersBootloader(confirmedBoard(expectationOf(choice), confirmations), way);
  const mcu = board.variants.find((variant) => variant.mcu === info.mcu)?.mcu ?? board.variants[0]?.mcu ?? '';
  const applicationStart = flashStartOf(mcu) + way.offsetKiB * 1024;
  return findProblems(info, board, { through: 'katapult', by: 'maker', applicationStart, mcu });
}

/** `cardWayOf`, if nothing contradicts the image. Throws `card/not-for-board` and the first of `cardImageProblems`. */
export function requireCardWay(choice: PresetChoice, info: ImageInfo, confirmations: Confirmations): CardWay {
  const way = cardWayFor(choice.preset);
  const [problem] = cardImageProblems(choice, info, confirmations);
  if (problem === undefined) return way;
  throw new CanopusError(problem.code, problem.message, problem.details, { state: 'untouched' });
}

/** The same board, with the application where the maker's bootloader starts it and not where Katapult would. */
function behindMakersBootloader(board: BoardExpectation, { offsetKiB }: CardWay): BoardExpectation {
  const variants = board.variants.map((variant) => ({
    ...variant,
    applicationAddress: flashStartOf(variant.mcu) + offsetKiB * 1024,
  }));
  return { ...board, variants, applicationAddress: null };
}
