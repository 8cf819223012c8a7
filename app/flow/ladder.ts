import type { Preset } from '../boards/preset-schema.ts';

/** What to try next while a board does not show up in DFU, likeliest first. */
export type LadderStep =
  | 'reset-longer'
  | 'jumper-again'
  | 'data-cable'
  | 'button-again'
  | 'power-supply'
  | 'take-off-attachments'
  | 'driver'
  | 'boot1';

interface LadderFacts {
  readonly boot0: Preset['boot0']['value'];
  /** Of the station's computer, as Node names it. */
  readonly platform: string;
}

/** Seconds after which a step is offered, in this order. */
const offeredAfterS: readonly [LadderStep, number][] = [
  ['reset-longer', 15],
  ['button-again', 25],
  ['jumper-again', 25],
  ['data-cable', 45],
  ['power-supply', 60],
  ['driver', 75],
  ['take-off-attachments', 90],
  ['boot1', 120],
];

/** The steps that are offered after a wait; each one stays. */
export function ladderAfter(waitedMs: number, { boot0, platform }: LadderFacts): readonly LadderStep[] {
  const applies = (step: LadderStep): boolean => {
    if (step === 'button-again') return boot0 === 'button' || boot0 === 'either';
    if (step === 'jumper-again') return boot0 !== 'button';
    return step !== 'driver' || platform === 'win32';
  };
  return offeredAfterS
    .filter(([step, afterS]) => waitedMs >= afterS * 1000 && applies(step))
    .map(([step]) => step);
}
