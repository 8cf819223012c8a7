import { dfuSerialFits } from '../boards/board-mode.ts';
import { hex32 } from '../hex.ts';
import type { RomDfuFacts, Sector } from '../mcu/mcu-facts.ts';
import { flashSizesKiB, maxFlashKiB, mcuFacts, mcuNames, type McuName } from '../mcu/mcu.ts';
import { isSharedRomSerial } from '../mcu/rom-serial.ts';
import type { ChipFacts } from './chip-facts.ts';

/** A fact that no chip of an MCU would report, and the same in words without a full stop. */
interface Contradiction {
  readonly fact: 'flash-size' | 'sectors' | 'option-bytes' | 'otp';
  readonly text: string;
}

/** The KiB of flash that a chip reports; its register outweighs the ROM's description. */
export function toldFlashKiB({ flashSizeKiB, flashBytes }: ChipFacts): number {
  return flashSizeKiB ?? flashBytes / 1024;
}

/** The sizes of an MCU that a chip may have by its facts; empty if it is no such MCU. */
export function possibleFlashKiB(mcu: McuName, facts: ChipFacts): readonly number[] {
  const told = toldFlashKiB(facts);
  const sizes = flashSizesKiB(mcu);
  if (facts.flashSizeKiB !== null) return sizes.filter((kib) => kib === told);
  // A partial description may stand for more.
  if (!facts.isWhole) return sizes.filter((kib) => kib >= told);
  const mayBeLess = mcuFacts[mcu].romDfu?.overstatesFlash === true && told === maxFlashKiB(mcu);
  return sizes.filter((kib) => kib === told || (mayBeLess && kib < told));
}

/** The plainest fact that contradicts a chip being an MCU; null if there is none, which proves nothing. */
export function mcuContradiction(mcu: McuName, facts: ChipFacts): Contradiction | null {
  const { romDfu: rom } = mcuFacts[mcu];
  return (
    flashSizeContradiction(mcu, facts) ??
    sectorContradiction(mcu, facts) ??
    (rom === null ? null : (optionByteContradiction(mcu, rom, facts) ?? otpContradiction(mcu, rom, facts)))
  );
}

/**
 * Whether the ROM's serial number has the form that an MCU reports: a hint, not a proof, as the forms were seen on many
 * parts and are documented nowhere. Null if the chip reports none, or the MCU's form is unknown.
 */
export function serialFormFits(mcu: McuName, { serial, uid }: ChipFacts): boolean | null {
  const form = mcuFacts[mcu].romDfu?.serial ?? null;
  if (serial === null || form === null) return null;
  if (form === 'uid') {
    if (!/^[0-9A-F]{12}$/i.test(serial) || isSharedRomSerial(serial)) return false;
    return uid === null || dfuSerialFits(serial, uid) === true;
  }
  return serial.toUpperCase() === form.constant.toUpperCase();
}

/** The MCUs that neither a fact nor the form of the serial number contradicts. */
export function fittingMcus(facts: ChipFacts): readonly McuName[] {
  return mcuNames.filter(
    (mcu) =>
      mcuFacts[mcu].romDfu !== null &&
      mcuContradiction(mcu, facts) === null &&
      serialFormFits(mcu, facts) !== false,
  );
}

function flashSizeContradiction(mcu: McuName, facts: ChipFacts): Contradiction | null {
  if (possibleFlashKiB(mcu, facts).length > 0) return null;
  const kib = toldFlashKiB(facts);
  const sizes = flashSizesKiB(mcu);
  const most = maxFlashKiB(mcu);
  const has = kib > most ? `has at most ${most}` : `is sold with ${sizes.join(' or ')}`;
  const text = `This chip has ${kib} KiB of flash; an ${mcuFacts[mcu].label} ${has}`;
  return { fact: 'flash-size', text };
}

function sectorContradiction(
  mcu: McuName,
  { sectors, flashBytes, isWhole }: ChipFacts,
): Contradiction | null {
  const { label, sectorLayouts } = mcuFacts[mcu];
  const begins = (layout: readonly Sector[]): boolean =>
    (!isWhole || layout.length === sectors.length) &&
    sectors.every(({ address, size }, index) => {
      const other = layout[index];
      return other?.address === address && other.size === size;
    });
  const sizes = flashSizesKiB(mcu);
  const layouts = sizes.filter((kib) => !isWhole || kib * 1024 === flashBytes).flatMap(sectorLayouts);
  if (layouts.some(begins)) return null;
  const [usual] = layouts;
  const wanted = usual === undefined ? '' : `; an ${label} of that size has ${describeSectors(usual)}`;
  return { fact: 'sectors', text: `This chip describes its flash as ${describeSectors(sectors)}${wanted}` };
}

function optionByteContradiction(
  mcu: McuName,
  rom: RomDfuFacts,
  { optionBytes }: ChipFacts,
): Contradiction | null {
  if (optionBytes === null) return null;
  const places = (addresses: readonly number[]): string => addresses.map(hex32).join(' and ');
  const [found, wanted] = [places(optionBytes), places(rom.optionBytes)];
  if (found === wanted) return null;
  const text = `This chip has option bytes at ${found}; an ${mcuFacts[mcu].label} has them at ${wanted}`;
  return { fact: 'option-bytes', text };
}

function otpContradiction(mcu: McuName, rom: RomDfuFacts, { otp }: ChipFacts): Contradiction | null {
  if (otp === null || (otp.address === rom.otp?.address && otp.size === rom.otp.size)) return null;
  const { label } = mcuFacts[mcu];
  const has = rom.otp === null ? 'has none' : `has ${rom.otp.size} bytes at ${hex32(rom.otp.address)}`;
  const text = `This chip has ${otp.size} bytes of OTP memory at ${hex32(otp.address)}; an ${label} ${has}`;
  return { fact: 'otp', text };
}

/** `4 x 16, 1 x 64, 7 x 128 KiB` */
function describeSectors(sectors: readonly Sector[]): string {
  const runs: { count: number; size: number }[] = [];
  for (const { size } of sectors) {
    const last = runs.at(-1);
    if (last?.size === size) last.count += 1;
    else runs.push({ count: 1, size });
  }
  return `${runs.map(({ count, size }) => `${count} x ${size / 1024}`).join(', ')} KiB`;
}
