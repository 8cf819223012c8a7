import { mcuFacts, type McuName } from '../mcu/mcu.ts';
import { halvesOf, onlyOne } from './words.ts';

/**
 * The bit rate that an image configures its CAN controller for. A bridge's dictionary does not state it, and a wrong one
 * shows only as a bus full of errors, so it is read from the code. The bit timing register CAN_BTR of bxCAN (RM0090
 * section 32.9.2, RM0390 section 30.9.2) and FDCAN_NBTP of FDCAN (RM0444 section 36.4.5, RM0468 section 59.5.6):
 *
 * | 25..24 SJW - 1 | 22..20 TS2 - 1 | 19..16 TS1 - 1 | 9..0 BRP - 1 |
 * | 31..25 NSJW - 1 | 24..16 NBRP - 1 | 15..8 NTSEG1 - 1 | 6..0 NTSEG2 - 1 |
 *
 * bit rate = controller clock / (BRP * (1 + TS1 + TS2)). They search for the most time quanta, from 18 down to 10, that
 * divide the clocks of one bit; GCC either folds that into one literal, or keeps the loop with the clocks of one bit as
 * its constant (seen with GCC 12.2, which does the one for 500 kbit/s on F446 and the other for 1 Mbit/s everywhere).
 */
const usualBitrates = [1_000_000, 800_000, 500_000, 250_000, 125_000];
const mostQuanta = 18;
const fewestQuanta = 10;

/** The bit rate in bit/s for the CPU clock that the image sets up; null if it has no CAN or the rate cannot be read. */
export function findBitrate(words: Uint32Array, mcu: McuName, cpuHz: number): number | null {
  if (!mcuFacts[mcu].can.registers.some((address) => words.includes(address))) return null;
  const loops = findClocksOfLoops(words);
  return onlyOne(
    usualBitrates.filter(
      (bitrateBps) =>
        words.includes(bitTiming(mcu, bitrateBps, cpuHz)) || loops.has(bitClocks(mcu, bitrateBps, cpuHz)),
    ),
  );
}

/** The bit timing register for a bit rate, sampled at about 87.5 %. */
export function bitTiming(
  mcu: McuName,
  bitrateBps: number,
  cpuHz: number = mcuFacts[mcu].clockHz.klipper,
): number {
  const clocks = bitClocks(mcu, bitrateBps, cpuHz);
  let quanta = mostQuanta;
  while (quanta >= fewestQuanta && clocks % quanta !== 0) quanta--;
  const ts2 = Math.floor(quanta / 8);
  const ts1 = quanta - 1 - ts2;
  const brp = Math.floor(clocks / quanta);
  return mcuFacts[mcu].can.controller === 'fdcan'
    ? (1 << 25) | ((brp - 1) << 16) | ((ts1 - 1) << 8) | (ts2 - 1)
    : (1 << 24) | ((ts2 - 1) << 20) | ((ts1 - 1) << 16) | (brp - 1);
}

function bitClocks(mcu: McuName, bitrateBps: number, cpuHz: number): number {
  return Math.floor(mcuFacts[mcu].can.clockHz(cpuHz) / bitrateBps);
}

/** How many halfwords around the loop's end belong to it. */
const reach = 16;
/** The most comparisons with 9 that are examined; real images have some dozens. */
const maxTries = 4096;

/**
 * The numbers C of every loop `MOVS r,#18; MOVS r,#C; ... UDIV ...; CMP r,#C; ... CMP r,#9` in Thumb code (ARMv7-M
 * Architecture Reference Manual, sections A7.7.27 CMP T1, A7.7.76 MOV T1, A7.7.195 UDIV T1), and of every loop
 * `MOVS r,#18; ... MOVS r,#C; BL divide; CMP r,#0; ... CMP r,#9` of a Cortex-M0, which has no UDIV.
 */
function findClocksOfLoops(words: Uint32Array): Set<number> {
  const halves = halvesOf(words);
  const found = new Set<number>();
  let tries = 0;
  for (let at = 0; at < halves.length && tries < maxTries; at++) {
    if (!isImmediate(halves[at], compare, fewestQuanta - 1)) continue;
    tries++;
    const near = [...halves.subarray(Math.max(0, at - reach), at + reach)];
    if (!near.some((half) => isImmediate(half, move, mostQuanta))) continue;
    const divides = near.some(
      (half, index) => (half & 0xfff0) === 0xfbb0 && ((near[index + 1] ?? 0) & 0xf0f0) === 0xf0f0,
    );
    for (const clocks of divides ? comparedWith(near) : dividedByCall(near)) found.add(clocks);
  }
  return found;
}

function comparedWith(near: readonly number[]): readonly number[] {
  return near
    .map((half) => half & 0xff)
    .filter(
      (clocks) =>
        clocks > mostQuanta &&
        near.some((half) => isImmediate(half, compare, clocks)) &&
        near.some((half) => isImmediate(half, move, clocks)),
    );
}

/** `MOVS r0,#C; BL; CMP r1,#0`: the second result of `__aeabi_uidivmod` is the remainder (ARM IHI 0043, section 4.3.1). */
function dividedByCall(near: readonly number[]): readonly number[] {
  return near.flatMap((half, index) => {
    const [first = 0, second = 0, then = 0] = near.slice(index + 1, index + 4);
    const calls = (first & 0xf800) === 0xf000 && (second & 0xd000) === 0xd000;
    const clocks = half & 0xff;
    return half >>> 8 === move >>> 8 && calls && then === 0x2900 && clocks > mostQuanta ? [clocks] : [];
  });
}

/** Encodings with an 8-bit immediate: 00100 Rd imm8 and 00101 Rn imm8. */
const move = 0x2000;
const compare = 0x2800;

function isImmediate(half: number | undefined, operation: number, immediate: number): boolean {
  return half !== undefined && (half & 0xf8ff) === (operation | immediate);
}
