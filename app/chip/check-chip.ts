import { CanopusError, type ErrorDetails } from '../errors.ts';

import {
  fittingMcus,
  mcuContradiction,
  possibleFlashKiB,
  serialFormFits,
  toldFlashKiB,
} from './judge-mcu.ts';
import { isSoldWith } from './fitting-boards.ts';
import { sizesOf, type ChipVariant, type WantedChip } from './wanted-chip.ts';
import { partOf } from '../mcu/marking.ts';
import { mcuLabel, mcuNames } from '../mcu/mcu.ts';
import type { ChipFacts } from './chip-facts.ts';
import { notesOn } from './chip-notes.ts';

export interface ChipProblem {
  readonly code: 'chip/mismatch' | 'chip/marking-needed' | 'chip/marking-mismatch';
  readonly message: string;
  /**
   * `fact`: the fact that contradicts. `fits`: labels of MCUs without a contradiction. `variants`: references of the
   * board's variants without one. `asks`: `marking` if what is printed on the chip would let the work continue.
   */
  readonly details: ErrorDetails;
}

interface ChipVerdict {
  readonly problem: ChipProblem | null;
  /** What was checked against what, and what is unknown, for people. */
  readonly notes: readonly string[];
}

/**
 * Checks a chip against what was chosen for it, by everything that its ROM reports. A contradicting fact is a mismatch,
 * whatever a person says. The form of the ROM's serial number is a hint: if it contradicts the choice, the marking on
 * the chip is asked for; the marking outweighs the hint, and what a preset knows about its board's chips.
 */
export function judgeChip(facts: ChipFacts, wanted: WantedChip): ChipVerdict {
  const problem =
    factProblem(facts, wanted) ??
    markingProblem(facts, wanted) ??
    variantProblem(facts, wanted) ??
    serialProblem(facts, wanted);
  return { problem, notes: problem === null ? notesOn(facts, wanted) : [] };
}

/**
 * Like `judgeChip`, before anything is erased: returns the notes. Throws `chip/mismatch`, `chip/marking-needed` and
 * `chip/marking-mismatch`, each `untouched`.
 */
export function checkChip(facts: ChipFacts, wanted: WantedChip): readonly string[] {
  const { problem, notes } = judgeChip(facts, wanted);
  if (problem === null) return notes;
  throw new CanopusError(problem.code, problem.message, problem.details, { state: 'untouched' });
}

function markingProblem(facts: ChipFacts, { mcu, marking }: WantedChip): ChipProblem | null {
  if (marking === null) return null;
  const part = partOf(marking);
  const problem = (message: string): ChipProblem => ({
    code: 'chip/marking-mismatch',
    message,
    details: { marking, mcu, flashKiB: toldFlashKiB(facts), asks: 'marking' },
  });
  if (part.mcu !== mcu)
    return problem(`The chip is marked ${marking}, but what was chosen is for an ${mcuLabel(mcu)}.`);
  if (part.flashKiB === null || possibleFlashKiB(mcu, facts).includes(part.flashKiB)) return null;
  return problem(
    `A chip marked ${marking} has ${part.flashKiB} KiB of flash; this one has ${toldFlashKiB(facts)}.`,
  );
}

function factProblem(facts: ChipFacts, wanted: WantedChip): ChipProblem | null {
  const contradiction = mcuContradiction(wanted.mcu, facts);
  if (contradiction === null) return null;
  const { fact, text } = contradiction;
  return {
    code: 'chip/mismatch',
    message: text + question(facts, wanted),
    details: detailsOf(facts, wanted, fact),
  };
}

/** The chip may be of this MCU, but not one that this board is sold with, or not of this MCU at all. */
function variantProblem(facts: ChipFacts, wanted: WantedChip): ChipProblem | null {
  const { mcu, variants, marking } = wanted;
  const ofMcu = variants.filter((variant) => variant.mcu === mcu);
  const sizes = ofMcu.map(sizesOf);
  // The marking read off the chip outweighs what the preset knows.
  if (marking !== null || ofMcu.length === 0 || sizes.includes(null)) return null;
  const allowed = [...new Set(sizes.flatMap((each) => each ?? []))].toSorted((a, b) => a - b);
  const told = toldFlashKiB(facts);
  const possible = possibleFlashKiB(mcu, facts).filter((kib) => allowed.includes(kib));
  if (allowed.includes(told) || (!facts.isWhole && possible.length > 0)) return null;
  const markings = [...new Set(ofMcu.flatMap((variant) => variant.markings))].join(' or ');
  const has = `${markings === '' ? `the ${mcuLabel(mcu)} of this board` : `the ${markings} of this board`} has ${allowed.join(' or ')}`;
  const details = { ...detailsOf(facts, wanted, 'flash-size'), asks: 'marking' };
  if (possible.length === 0) {
    const message = `This chip has ${told} KiB of flash; ${has}. What is printed on it?`;
    return { code: 'chip/mismatch', message, details };
  }
  const message =
    `This chip describes ${told} KiB of flash; ${has}. ` +
    `The ROM of an ${mcuLabel(mcu)} is known to describe more than there is: only the marking is reliable.`;
  return { code: 'chip/marking-needed', message, details };
}

function serialProblem(facts: ChipFacts, wanted: WantedChip): ChipProblem | null {
  const { mcu, marking } = wanted;
  if (marking !== null || serialFormFits(mcu, facts) !== false) return null;
  const message =
    `The ROM of this chip reports the serial number ${facts.serial ?? ''}, ` +
    `which no ${mcuLabel(mcu)} is known to do${question(facts, wanted)}`;
  const details = { ...detailsOf(facts, wanted, 'serial'), asks: 'marking' };
  return { code: 'chip/marking-needed', message, details };
}

function offersThatFit(facts: ChipFacts, { offers }: WantedChip): readonly ChipVariant[] {
  const fitting = fittingMcus(facts);
  return offers.filter((offer) => isSoldWith(offer, fitting, facts));
}

function detailsOf(facts: ChipFacts, wanted: WantedChip, fact: string): ErrorDetails {
  return {
    fact,
    mcu: wanted.mcu,
    flashKiB: toldFlashKiB(facts),
    serial: facts.serial,
    uid: facts.uid,
    fits: fittingMcus(facts).map((mcu) => mcuLabel(mcu)),
    variants: offersThatFit(facts, wanted).map(({ reference }) => reference),
    asks: null,
  };
}

/**
 * `: is it an F407 or F429?` from the board's variants that fit all facts and hints, or else from those that fit the
 * facts.
 */
function question(facts: ChipFacts, wanted: WantedChip): string {
  const offered = offersThatFit(facts, wanted).map(({ mcu }) => mcu);
  const byFacts = mcuNames.filter((mcu) => mcuContradiction(mcu, facts) === null);
  if (byFacts.length === 0) return '. It is none of the chips that this station flashes through DFU.';
  const others = [offered, fittingMcus(facts), byFacts]
    .map((mcus) => [...new Set(mcus)].filter((mcu) => mcu !== wanted.mcu))
    .find((mcus) => mcus.length > 0);
  if (others === undefined) return '.';
  return `: is it an ${others.map((mcu) => mcuLabel(mcu).replace('STM32', '')).join(' or ')}?`;
}
