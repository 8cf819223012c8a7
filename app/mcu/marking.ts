import { CanopusError } from '../errors.ts';
import { mcuFacts, mcuNames, type McuName } from './mcu.ts';

/** Family and line, pins, flash size, package and temperature: `F407`, `Z`, `E`, `T6` (DS8626, "Ordering information"). */
const marking = /(?:STM32|^)([FGHLUW]\d[0-9A-Z]\d[A-Z][0-9A-Z](?:[A-Z]\d)?)/;

/**
 * A marking in the form for comparison: in upper case, without the spaces, dots and dashes that people type, and with
 * the `STM32` that they leave out (`f407 zet6` becomes `STM32F407ZET6`). From a longer text copied off the chip, only
 * the marking is used. Throws `chip/bad-marking` if it is not the marking of an STM32 with its ordering code; chips of
 * other makers (`GD32F407ZET6`) are not.
 */
export function parseMarking(text: string): string {
  const match = marking.exec(text.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''));
  if (match?.[1] !== undefined) return `STM32${match[1]}`;
  const shown = text.trim().slice(0, 40);
  throw new CanopusError(
    'chip/bad-marking',
    `"${shown}" is not the marking of an STM32; one looks like STM32F407ZET6.`,
    { marking: shown },
  );
}

/** The meaning of a marking. */
interface MarkedPart {
  /** Null for an MCU that this station does not flash. */
  readonly mcu: McuName | null;
  /** By the letter of its ordering code; null if the marking ends before it. */
  readonly flashKiB: number | null;
}

/**
 * What a marking, as `parseMarking` or a preset writes it, says about its chip: `STM32F407ZET6`, or only `STM32F407`.
 */
export function partOf(marking: string): MarkedPart {
  const mcu = mcuNames.find((name) => marking.startsWith(mcuFacts[name].label)) ?? null;
  if (mcu === null) return { mcu: null, flashKiB: null };
  const { label, flashKiBByCode } = mcuFacts[mcu];
  // The letter before it is the number of pins.
  const code = marking.charAt(label.length + 1);
  return { mcu, flashKiB: flashKiBByCode[code] ?? null };
}
