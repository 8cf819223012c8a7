import { heatWords } from '../pi/heaters.ts';
import type { PrinterMcu, PrinterSurvey } from './printer-mcu.ts';
import { updateHeadline } from './plan-headline.ts';
import { updateSeconds } from './update-time.ts';
import type { LeftMcu, UpdateBlocker, UpdatePlan, UpdateScope, UpdateStep } from './plan-types.ts';

interface PlanOptions {
  readonly scope: UpdateScope;
}

/**
 * What an update of a printer does, from its survey alone. Nodes are written before boards, and bridges last: a bridge
 * that does not start again takes its bus with it, so that nothing may be left to do there.
 */
export function planUpdate(survey: PrinterSurvey, { scope }: PlanOptions): UpdatePlan {
  const { printer, piId, hostVersion, mcus } = survey;
  const left: LeftMcu[] = [];
  const steps: UpdateStep[] = [];
  for (const mcu of mcus) {
    const why = whyLeft(mcu, scope);
    if (why === null) steps.push(stepOf(mcu, hostVersion));
    else left.push(why);
  }
  // Stable: the order of printer.cfg among those of one rank.
  const ordered = steps.toSorted((a, b) => rank[a.role] - rank[b.role]);
  const plan = {
    ...{ printer, piId, hostVersion, steps: ordered, left },
    mcuCount: mcus.length,
    seconds: updateSeconds(ordered),
    hands: ordered.flatMap(({ name, hand }) => (hand === null ? [] : [{ name, text: hand }])),
    oneWay: ordered.filter(({ former }) => former === null).map(({ name }) => name),
    blockers: blockersOf(survey, ordered),
  };
  return { ...plan, headline: updateHeadline(plan) };
}

const rank = { node: 0, board: 1, 'host-process': 2, bridge: 3 } as const;

const isWritten = (role: PrinterMcu['role']): role is UpdateStep['role'] => role in rank;

function stepOf(mcu: PrinterMcu, hostVersion: string | null): UpdateStep {
  const { name, role, place, preset, interfaceName, bitrateBps, former, hand, firmware } = mcu;
  if (!isWritten(role)) throw new RangeError(`an MCU that is ${role} is not written`);
  const version = firmware?.version ?? null;
  const why = whyWritten(mcu, hostVersion);
  return { name, role, place, preset, interfaceName, bitrateBps, former, hand, version, why };
}

function whyWritten({ verdict, firmware }: PrinterMcu, hostVersion: string | null): string {
  const runs = `runs ${firmware?.version ?? 'an unknown version'}`;
  const host = hostVersion ?? 'an unknown version';
  switch (verdict) {
    case 'must':
      return `${runs}; Klipper ${host} does not work with it`;
    case 'unknown':
      return `${runs}, Klipper is ${host}; whether they work together is unknown`;
    case 'same-protocol':
      return `${runs}; Klipper ${host} works with it, its code is newer`;
    case 'same-code':
      return `${runs}, the same code as Klipper ${host}`;
  }
}

const needs = {
  needed: ['must', 'unknown'],
  newer: ['must', 'unknown', 'same-protocol'],
  all: ['must', 'unknown', 'same-protocol', 'same-code'],
} as const satisfies Readonly<Record<UpdateScope, readonly PrinterMcu['verdict'][]>>;

/** Why an MCU is not written; null for one that is. */
function whyLeft(mcu: PrinterMcu, scope: UpdateScope): LeftMcu | null {
  const { name, role, verdict, unreachable, place } = mcu;
  if (role === 'foreign') return { name, why: 'foreign', text: 'its firmware is not Klipper’s' };
  if (role === 'not-written-here')
    return { name, why: 'not-written-here', text: unreachable?.text ?? 'Canopus does not write this chip' };
  const verdicts: readonly PrinterMcu['verdict'][] = needs[scope];
  if (!verdicts.includes(verdict)) {
    const text = verdict === 'same-code' ? 'runs what Klipper needs' : 'works with Klipper as it is';
    return { name, why: 'not-needed', text };
  }
  if (unreachable !== null) return { name, why: 'unreachable', text: unreachable.text };
  if (place === null && role !== 'host-process')
    return { name, why: 'unreachable', text: 'it is not seen now' };
  return null;
}

function blockersOf({ busy, hot }: PrinterSurvey, steps: readonly UpdateStep[]): UpdateBlocker[] {
  if (steps.length === 0) return [];
  const heat = heatWords(hot);
  return [
    ...(busy === null ? [] : [{ code: busy.code, text: busy.text }]),
    ...(heat === null ? [] : [{ code: 'printer/hot' as const, text: heat }]),
  ];
}
