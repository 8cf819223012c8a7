import { CanopusError } from '../errors.ts';
import { mcuFacts, mcuNames, type McuName } from './mcu.ts';

/** Family and line, pins, flash size, package and temperature: `F407`, `Z`, `E`, `T6` (DS8626, "Ordering information"). */
const marking = /(?:STM32|^)([FGHLUW]\d[0-9A-Z]\d[A-Z][0-9A-Z](?:[A-Z]\d)?)/;

/**
 * A marking as it is compared: in upper case, without the blanks, dots and dashes that people type, and with the
 * `STM32` that they leave out (`f407 zet6` becomes `STM32F407ZET6`). Of a longer text that was copied off the chip only
 * the marking is taken. Throws `chip/bad-marking` for what is no marking of an STM32 with its ordering code; the chips
 * of other makers (`GD32F407ZET6`) are none.
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

/** What a marking tells. */
interface MarkedPart {
  /** Null for one that this station does not flash. */
  readonly mcu: McuName | null;
  /** By the letter of its ordering code; null where the marking ends before it. */
  readonly flashKiB: number | null;
}

/** What a marking, as `parseMarking` or a preset writes it, tells of its chip: `STM32F407ZET6`, or only `STM32F407`. */
export function partOf(marking: string): MarkedPart {
  const mcu = mcuNames.find((name) => marking.startsWith(mcuFacts[name].label)) ?? null;
  if (mcu === null) return { mcu: null, flashKiB: null };
  const { label, flashKiBByCode } = mcuFacts[mcu];
  // The letter before it stands for the number of pins.
  const code = marking.charAt(label.length + 1);
  return { mcu, flashKiB: flashKiBByCode[code] ?? null };
}
