import { mcuFacts, type McuName } from '../mcu/mcu.ts';
import { halvesOf, onlyOne } from './words.ts';

/**
 * The bit rate that an F4 image configures its CAN controller for. A bridge's dictionary does not state it, and a wrong
 * one shows only as a bus full of errors, so it is read from the code. The bit timing register CAN_BTR (RM0090 section
 * 32.9.2, RM0390 section 30.9.2):
 *
 * | 25..24 SJW - 1 | 22..20 TS2 - 1 | 19..16 TS1 - 1 | 9..0 BRP - 1 |
 *
 * bit rate = PCLK1 / (BRP * (1 + TS1 + TS2)). PCLK1 is a quarter of the CPU clock in both firmwares. They search for
 * the most time quanta, from 18 down to 10, that divide the clocks of one bit; GCC either folds that into one literal,
 * or keeps the loop with the clocks of one bit as its constant (seen with GCC 12.2, which does the one for 500 kbit/s
 * on F446 and the other for 1 Mbit/s everywhere).
 */
const usualBitrates = [1_000_000, 800_000, 500_000, 250_000, 125_000];
const canRegisters = [0x40006400, 0x40006800];
const mostQuanta = 18;
const fewestQuanta = 10;

/** The bit rate in bit/s; null if the image has no bxCAN or the rate cannot be read. */
export function findBitrate(words: Uint32Array, mcu: McuName): number | null {
  if (!canRegisters.some((address) => words.includes(address))) return null;
  const loops = findClocksOfLoops(words);
  return onlyOne(
    usualBitrates.filter(
      (bitrateBps) => words.includes(bitTiming(mcu, bitrateBps)) || loops.has(bitClocks(mcu, bitrateBps)),
    ),
  );
}

/** The CAN_BTR for a bit rate, sampled at about 87.5 %. */
export function bitTiming(mcu: McuName, bitrateBps: number): number {
  const clocks = bitClocks(mcu, bitrateBps);
  let quanta = mostQuanta;
  while (quanta >= fewestQuanta && clocks % quanta !== 0) quanta--;
  const ts2 = Math.floor(quanta / 8);
  const ts1 = quanta - 1 - ts2;
  return (1 << 24) | ((ts2 - 1) << 20) | ((ts1 - 1) << 16) | (Math.floor(clocks / quanta) - 1);
}

function bitClocks(mcu: McuName, bitrateBps: number): number {
  return Math.floor(mcuFacts[mcu].clockHz.klipper / 4 / bitrateBps);
}

/** How many halfwords around the loop's end belong to it. */
const reach = 16;
/** The most comparisons with 9 that are examined; real images have some dozens. */
const maxTries = 4096;

/**
 * The numbers C of every loop `MOVS r,#18; MOVS r,#C; ... UDIV ...; CMP r,#C; ... CMP r,#9` in Thumb code (ARMv7-M
 * Architecture Reference Manual, sections A7.7.27 CMP T1, A7.7.76 MOV T1, A7.7.195 UDIV T1).
 */
function findClocksOfLoops(words: Uint32Array): Set<number> {
  const halves = halvesOf(words);
  const found = new Set<number>();
  let tries = 0;
  for (let at = 0; at < halves.length && tries < maxTries; at++) {
    if (!isImmediate(halves[at], compare, fewestQuanta - 1)) continue;
    tries++;
    const near = [...halves.subarray(Math.max(0, at - reach), at + reach)];
    const divides = near.some(
      (half, index) => (half & 0xfff0) === 0xfbb0 && ((near[index + 1] ?? 0) & 0xf0f0) === 0xf0f0,
    );
    if (!divides || !near.some((half) => isImmediate(half, move, mostQuanta))) continue;
    for (const half of near) {
      const clocks = half & 0xff;
      const isCompared = isImmediate(half, compare, clocks) && clocks > mostQuanta;
      if (isCompared && near.some((other) => isImmediate(other, move, clocks))) found.add(clocks);
    }
  }
  return found;
}

/** Encodings with an 8-bit immediate: 00100 Rd imm8 and 00101 Rn imm8. */
const move = 0x2000;
const compare = 0x2800;

function isImmediate(half: number | undefined, operation: number, immediate: number): boolean {
  return half !== undefined && (half & 0xf8ff) === (operation | immediate);
}
