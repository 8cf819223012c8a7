import type { BitTiming, BtConst } from './vendor-request.ts';

/** The sample point that CiA 301 recommends for rates up to 1 Mbit/s. */
const samplePoint = 0.875;

/**
 * The timing within an adapter's limits that gives exactly `bitrateBps`, with a sample point as near to 87.5 % as
 * possible; null if there is none. Smaller clock dividers are preferred: finer quanta.
 */
export function bitTimingFor(limits: BtConst, bitrateBps: number): BitTiming | null {
  const [brpMin, brpMax] = limits.brp;
  const step = Math.max(1, limits.brpIncrement);
  let best: { timing: BitTiming; error: number } | null = null;
  for (let brp = Math.max(1, brpMin); brp <= brpMax; brp += step) {
    const quanta = limits.clockHz / brp / bitrateBps;
    if (quanta < 4) break;
    if (!Number.isInteger(quanta)) continue;
    const segments = segmentsFor(limits, quanta);
    if (segments === null) continue;
    const [tseg1, tseg2] = segments;
    const error = Math.abs((1 + tseg1) / quanta - samplePoint);
    if (best !== null && best.error <= error) continue;
    const propSeg = Math.floor(tseg1 / 2);
    const sjw = Math.max(1, Math.min(limits.sjwMax, tseg2));
    best = { timing: { propSeg, phaseSeg1: tseg1 - propSeg, phaseSeg2: tseg2, sjw, brp }, error };
  }
  return best?.timing ?? null;
}

/** Quanta before and behind the sample point (without the first, the sync quantum), within the limits. */
function segmentsFor(limits: BtConst, quanta: number): readonly [tseg1: number, tseg2: number] | null {
  const [tseg1Min, tseg1Max] = limits.tseg1;
  const [tseg2Min, tseg2Max] = limits.tseg2;
  const lowest = Math.max(tseg2Min, quanta - 1 - tseg1Max);
  const highest = Math.min(tseg2Max, quanta - 1 - tseg1Min);
  if (lowest > highest) return null;
  const tseg2 = Math.min(highest, Math.max(lowest, Math.round(quanta * (1 - samplePoint))));
  return [quanta - 1 - tseg2, tseg2];
}
