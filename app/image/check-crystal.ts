import { isMcuName, mcuFacts } from '../mcu/mcu.ts';
import type { BoardExpectation } from './board-expectation.ts';
import type { ImageInfo } from './image-info.ts';
import type { ImageProblem } from './image-problem.ts';

type CrystalInfo = Pick<ImageInfo, 'kind' | 'mcu' | 'crystalHz' | 'usb'>;

/**
 * With a wrong crystal the clocks are wrong and the board is silent on USB: it looks dead. So an image must be for a
 * crystal that the board can have or, if the image does not state it, a person must confirm one. What the image states
 * outweighs that. An MCU whose boards have no choice of crystal needs no check.
 */
export function* checkCrystal(info: CrystalInfo, board: BoardExpectation): Generator<ImageProblem> {
  if (info.mcu === null || !isMcuName(info.mcu) || mcuFacts[info.mcu].clock === null) return;
  const crystalHz = info.crystalHz ?? board.confirmed.crystalHz;
  const possible = board.variants.filter(({ mcu }) => mcu === info.mcu).map((variant) => variant.crystalHz);
  const known = possible.includes(null) ? [] : possible.filter((hz) => hz !== null);
  const onBoard = [...new Set(known)].map(inMHz);
  if (crystalHz === null) {
    const wanted = onBoard.length === 0 ? '' : `; the chosen board has one of ${onBoard.join(' or ')}`;
    const message = `The crystal that this ${info.kind === 'klipper' ? 'Klipper' : 'Katapult'} is built for is unknown${wanted}.`;
    yield { code: 'image/crystal-unknown', message, details: { image: null, board: onBoard } };
  } else if (crystalHz === 0) {
    // USB keeps the oscillator of some chips exact; a node has no USB for that.
    if (info.usb === true && mcuFacts[info.mcu].clock?.runsUsbFrom(null) === true) return;
    const message = 'The image uses the internal oscillator, which is too inexact for USB and CAN.';
    yield { code: 'image/wrong-crystal', message, details: { image: 0 } };
  } else if (known.length > 0 && !known.includes(crystalHz)) {
    const built = info.crystalHz === null ? 'is said to be built' : 'is built';
    const message = `The image ${built} for a crystal of ${inMHz(crystalHz)}, but the chosen board has one of ${onBoard.join(' or ')}.`;
    yield { code: 'image/wrong-crystal', message, details: { image: crystalHz, board: onBoard } };
  }
}

/** The two images of one board: both run from its one crystal, whichever it is. Null: nothing speaks against them. */
export function findCrystalConflict(
  katapult: CrystalInfo,
  klipper: CrystalInfo,
  { confirmed }: Pick<BoardExpectation, 'confirmed'>,
): ImageProblem | null {
  const [first, second] = [katapult, klipper].map((info) => info.crystalHz ?? confirmed.crystalHz);
  if (first === null || first === undefined || second === null || second === undefined) return null;
  if (first === second) return null;
  const message = `Katapult is for a crystal of ${inMHz(first)}, Klipper for one of ${inMHz(second)}.`;
  return { code: 'image/wrong-crystal', message, details: { katapult: first, klipper: second } };
}

function inMHz(hz: number): string {
  return `${hz / 1e6} MHz`;
}
