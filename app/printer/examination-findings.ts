import type { Verdict } from '../verdict.ts';
import {
  lostOf,
  type BusExamination,
  type BusFinding,
  type BusSight,
  type ExaminedNode,
  type Tally,
} from './examination.ts';
import { joinNames, nodeWords } from './examination-words.ts';

/** While homing, Klipper stops if an MCU is silent for longer than this (klippy/mcu.py, TRSYNC_TIMEOUT). */
const homingLimitMs = 25;

const worstFirst = ['wrong', 'look', 'unknown', 'fine'] as const satisfies readonly Verdict[];

const wires = 'Check its power, its plugs and crimps, and that CANH and CANL are not swapped.';
const termination =
  'Check that the bus has 120 ohm at both ends and nowhere else: 60 ohm between CANH and CANL with the power off.';

/** What was seen, in words, the worst first. */
export function judgeBus(sight: BusSight): Pick<BusExamination, 'verdict' | 'findings' | 'showsTermination'> {
  const found = [
    ...aboutAdapter(sight),
    ...aboutSilence(sight),
    ...aboutDuplicates(sight),
    ...aboutLosses(sight),
    ...aboutErrors(sight),
    ...aboutLatency(sight),
    ...aboutReset(sight),
  ];
  const isFine = !found.some(({ verdict }) => verdict !== 'fine');
  const all = isFine ? [...found, aboutAll(sight)] : found;
  const findings = all.toSorted((a, b) => worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict));
  return {
    verdict: findings[0]?.verdict ?? 'unknown',
    findings,
    showsTermination: findings.some(({ advice }) => advice?.includes(termination) === true),
  };
}

const onBus = ({ nodes }: BusSight): readonly ExaminedNode[] => nodes.filter(({ role }) => role === 'node');
const replying = (sight: BusSight): readonly ExaminedNode[] =>
  sight.nodes.filter(({ state }) => state === 'replies');
const namesOf = (nodes: readonly ExaminedNode[]): string[] => nodes.map(({ name }) => name);

function finding(
  verdict: Verdict,
  nodes: readonly ExaminedNode[],
  text: string,
  advice: string | null,
): BusFinding {
  return { verdict, names: namesOf(nodes), text, advice };
}

function aboutAdapter({ adapter }: BusSight): BusFinding[] {
  if (adapter !== 'bus-off' && adapter !== 'error-passive') return [];
  const state = adapter === 'bus-off' ? 'has switched itself off the bus' : 'sees errors only';
  const advice = `CANH and CANL are shorted or swapped, or a node has another bit rate. ${termination}`;
  return [finding('wrong', [], `The adapter ${state} (${adapter}).`, advice)];
}

function aboutSilence(sight: BusSight): BusFinding[] {
  const nodes = onBus(sight);
  const waiting = nodes.filter(({ state }) => state === 'katapult');
  const silent = nodes.filter(({ state }) => state === 'silent');
  const found: BusFinding[] = [];
  if (waiting.length > 0) {
    const text = `${nodeWords(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'} in Katapult, and was not examined.`;
    found.push(finding('look', waiting, text, 'Flash Klipper to it, or restart it.'));
  }
  if (silent.length === 0) return found;
  const isAlone = silent.length === nodes.length;
  if (isAlone) {
    const bridge = sight.nodes.find(({ role, state }) => role === 'bridge' && state === 'replies');
    const but =
      bridge === undefined
        ? ''
        : ` The bridge [${bridge.name}] does, over USB, which proves nothing of the bus.`;
    const advice = `Check that the nodes have power, run Klipper and are built for the bit rate of the bus. ${termination}`;
    found.push(finding('wrong', silent, `No node on the bus replies.${but}`, advice));
  } else {
    const text = `${nodeWords(silent)} ${silent.length === 1 ? 'does' : 'do'} not reply; others do.`;
    const advice = `${wires} It may also have another bit rate or another canbus_uuid.`;
    found.push(finding('wrong', silent, text, advice));
  }
  return found;
}

function aboutDuplicates({ duplicates, nodes }: BusSight): BusFinding[] {
  return duplicates.map((canbusUuid) => {
    const named = nodes.filter((node) => node.canbusUuid === canbusUuid);
    const text = `Two nodes have the canbus_uuid ${canbusUuid}; they were not examined.`;
    return finding('wrong', named, text, 'Take one of them off the bus.');
  });
}

/** When a node lost replies first: that shows where to look. */
function losses(
  node: ExaminedNode,
): { readonly when: 'idle' | 'load' | 'moved'; readonly tally: Tally } | null {
  if (lostOf(node.idle) > 0) return { when: 'idle', tally: node.idle };
  const step = node.ramp.find((each) => lostOf(each) > 0);
  if (step !== undefined) return { when: 'load', tally: step };
  return node.moved !== null && lostOf(node.moved) > 0 ? { when: 'moved', tally: node.moved } : null;
}

const whenWords = {
  idle: 'with nothing else on the bus',
  load: 'only when all nodes replied at once',
  moved: 'only while the cables were moved',
} as const;

function aboutLosses(sight: BusSight): BusFinding[] {
  const there = replying(sight);
  const lossy = there.flatMap((node) => {
    const found = losses(node);
    return found === null ? [] : [{ node, ...found }];
  });
  const nodes = there.filter(({ role }) => role === 'node');
  return (['idle', 'load', 'moved'] as const).flatMap((when) => {
    const these = lossy.filter((each) => each.when === when);
    if (these.length === 0) return [];
    const counted = these.map(
      ({ node, tally }) => `[${node.name}] lost ${lostOf(tally)} of ${tally.requests} replies`,
    );
    const ofNodes = these.filter(({ node }) => node.role === 'node').length;
    const isShared = ofNodes > 1 && ofNodes === nodes.length;
    const advice = adviceOf(when, isShared, ofNodes === 0);
    const text = `${joinNames(counted)}, ${whenWords[when]}.`;
    return [
      finding(
        'wrong',
        these.map(({ node }) => node),
        text,
        advice,
      ),
    ];
  });
}

function adviceOf(when: keyof typeof whenWords, isShared: boolean, isBridgeOnly: boolean): string {
  if (isBridgeOnly) return 'The bus is not the cause: check the USB cable of the bridge.';
  if (when === 'moved') {
    return isShared
      ? 'All nodes lost some, so look at the plugs and the cable that they share, at the end of the bridge first.'
      : 'The plug or the cable that you moved is loose: crimp it anew, and relieve it of strain.';
  }
  return isShared
    ? `All nodes lost some, so look at what they share. ${termination}`
    : `${wires} ${termination}`;
}

function aboutErrors(sight: BusSight): BusFinding[] {
  const lossy = new Set(replying(sight).filter((node) => losses(node) !== null));
  const counting = replying(sight).filter((node) => !lossy.has(node));
  const off = counting.filter(({ errors }) => errors?.state === 'off' || errors?.state === 'passive');
  const repaired = counting.filter((node) => !off.includes(node) && errorCount(node) > 0);
  const found: BusFinding[] = [];
  if (off.length > 0) {
    const states = [
      ...new Set(off.map(({ errors }) => (errors?.state === 'off' ? 'bus-off' : 'error-passive'))),
    ];
    const text = `The CAN controller of ${nodeWords(off)} is ${joinNames(states)}.`;
    found.push(finding('wrong', off, text, `${wires} ${termination}`));
  }
  if (repaired.length > 0) {
    const counted = repaired.map((node) => `[${node.name}] counted ${errorCount(node)}`);
    const text = `Every reply came, but frames were damaged on the way and sent again: ${joinNames(counted)}.`;
    found.push(finding('look', repaired, text, `The bus has little margin. ${termination}`));
  }
  return found;
}

/** A frame that a node could not send is an error, and sent again. */
const errorCount = ({ errors }: ExaminedNode): number =>
  errors === null ? 0 : errors.rxErrors + Math.max(errors.txErrors, errors.txRetries);

/** Judged only beside a bridge, whose own replies take the same way but for the bus. */
function aboutLatency(sight: BusSight): BusFinding[] {
  const bridge = replying(sight).find(({ role }) => role === 'bridge');
  const wayMs = bridge?.idle.worstMs ?? null;
  if (wayMs === null) return [];
  const slow = replying(sight).filter(
    ({ role, idle }) => role === 'node' && idle.worstMs !== null && idle.worstMs - wayMs > homingLimitMs,
  );
  if (slow.length === 0) return [];
  const counted = slow.map(({ name, idle }) => `[${name}] took up to ${milliseconds(idle.worstMs)}`);
  const text = `${joinNames(counted)} to reply on an idle bus; homing with it fails after ${homingLimitMs} ms.`;
  return [finding('look', slow, text, `${wires} ${termination}`)];
}

function aboutReset(sight: BusSight): BusFinding[] {
  const missing = sight.nodes.filter(({ reset }) => reset === 'missing');
  const not = onBus(sight).filter(({ state, reset }) => state === 'replies' && reset === 'no');
  const found: BusFinding[] = [];
  if (missing.length > 0) {
    const text = `${nodeWords(missing)} did not come back after the reset.`;
    found.push(finding('wrong', missing, text, 'Switch the printer off and on again.'));
  }
  if (not.length > 0) {
    const text = `${nodeWords(not)} ${not.length === 1 ? 'was' : 'were'} not reset, because its firmware could not be read.`;
    found.push(finding('look', not, text, 'Restart it with FIRMWARE_RESTART when Klipper runs.'));
  }
  return found;
}

function aboutAll(sight: BusSight): BusFinding {
  const there = replying(sight).filter(({ role }) => role === 'node');
  if (there.length === 0) return finding('unknown', [], 'printer.cfg names no node on this bus.', null);
  const requests = there.reduce((sum, { idle, ramp, moved }) => {
    return (
      sum + [idle, ...ramp, ...(moved === null ? [] : [moved])].reduce((all, each) => all + each.requests, 0)
    );
  }, 0);
  const medians = there.flatMap(({ idle }) => idle.medianMs ?? []);
  const moved = there.some((node) => node.moved !== null) ? ', also while the cables were moved' : '';
  const text = `${nodeWords(there)} replied to all of ${requests} requests${moved}, in ${milliseconds(Math.max(...medians))} while idle.`;
  return finding('fine', there, text, null);
}

function milliseconds(ms: number | null): string {
  return ms === null ? 'unknown' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
