import type { Preset } from '../boards/preset-schema.ts';

/** What to try next while a board does not show up in DFU, likeliest first. */
export type DfuHint =
  | 'reset-longer'
  | 'jumper-again'
  | 'data-cable'
  | 'button-again'
  | 'power-supply'
  | 'take-off-attachments'
  | 'driver'
  | 'boot1';

interface DfuHintFacts {
  readonly boot0: Preset['boot0']['value'];
  /** A board with an RP2040 or RP2350 has neither BOOT0 nor DFU, but BOOTSEL. */
  readonly isBootsel?: boolean;
  /** Of the station's computer, as Node names it. */
  readonly platform: string;
}

/** Seconds after which a hint is offered, in this order. */
const offeredAfterS: readonly [DfuHint, number][] = [
  ['reset-longer', 15],
  ['button-again', 25],
  ['jumper-again', 25],
  ['data-cable', 45],
  ['power-supply', 60],
  ['driver', 75],
  ['take-off-attachments', 90],
  ['boot1', 120],
];

/** The hints that are offered after a wait; each one stays. */
export function dfuHintsAfter(
  waitedMs: number,
  { boot0, isBootsel = false, platform }: DfuHintFacts,
): readonly DfuHint[] {
  const applies = (hint: DfuHint): boolean => {
    if (isBootsel) return hint === 'data-cable' || hint === 'power-supply';
    if (hint === 'button-again') return boot0 === 'button' || boot0 === 'either';
    if (hint === 'jumper-again') return boot0 !== 'button';
    return hint !== 'driver' || platform === 'win32';
  };
  return offeredAfterS
    .filter(([hint, afterS]) => waitedMs >= afterS * 1000 && applies(hint))
    .map(([hint]) => hint);
}
