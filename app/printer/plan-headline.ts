import type { UpdatePlan } from './plan-types.ts';
import { durationWords } from './update-time.ts';

/** A plan in one sentence: how many MCUs, how long, and what a person has to do. */
export function updateHeadline(plan: Omit<UpdatePlan, 'headline'>): string {
  const { steps, mcuCount, seconds, hands, left } = plan;
  const unreachable = left.filter(({ why }) => why === 'unreachable').length;
  const wanted = steps.length + unreachable;
  if (mcuCount === 0) return 'Klipper of this printer names no MCU.';
  if (wanted === 0)
    return mcuCount === 1 ? 'The only MCU does not need it.' : `None of the ${mcuCount} MCUs needs it.`;
  const counted =
    mcuCount === 1
      ? 'The only MCU needs it'
      : `${wanted} of ${mcuCount} MCUs ${wanted === 1 ? 'needs' : 'need'} it`;
  const reach = unreachable === 0 ? [] : [reachWords(unreachable, wanted)];
  if (steps.length === 0) return `${[counted, ...reach].join('; ')}.`;
  const hand = hands.length === 0 ? 'nothing to press' : handWords(hands.length, steps.length);
  return `${[counted, ...reach, durationWords(seconds), 'the printer stops meanwhile', hand].join('; ')}.`;
}

function reachWords(unreachable: number, wanted: number): string {
  if (unreachable < wanted) return `${unreachable} of them cannot be reached`;
  return wanted === 1 ? 'it cannot be reached' : 'none of them can be reached';
}

function handWords(hands: number, steps: number): string {
  if (steps === 1) return 'it needs your hand';
  return hands === 1 ? 'one of them needs your hand' : `${hands} of them need your hand`;
}
