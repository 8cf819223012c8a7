import { sameUuid } from '../printer-config/set-canbus.ts';
import { adaptersOf, boardsInConfigs, bridgesOf } from './boards-seen.ts';
import { hands, none, type Check, type Examination } from './check.ts';
import type { PiFacts } from './facts.ts';
import type { McuVersion } from './printer-status.ts';

/** The bit rate that a bridge was built with, as its Klipper reports it; null if that is not known. */
export function compiledRate(
  facts: PiFacts,
  interfaceName: string,
  mcus: readonly McuVersion[],
): number | null {
  const bridge = bridgesOf(facts).find((each) => each.interfaceName === interfaceName);
  const section = boardsInConfigs(facts).find(
    ({ canbusUuid }) => bridge !== undefined && sameUuid(canbusUuid, bridge.uuid),
  )?.section;
  return mcus.find((each) => each.section === section)?.canbusFrequencyBps ?? null;
}

/** Whether everything on the bus was built, or is set, for one bit rate, as far as that is known. */
export function checkRates({ facts, printers, wishes }: Examination): Check {
  const { interfaceName } = wishes;
  const base = {
    id: 'rates',
    question: 'Do all boards on the bus have the same bit rate?',
    why: 'A board with another rate neither hears nor is heard, and disturbs the others. An adapter or a HAT has the rate that Linux sets, a Klipper bridge and every other board the one it was built with.',
  };
  const mcus = printers.flatMap((each) => each.mcus);
  const found = facts.interfaces.find(({ name }) => name === interfaceName);
  const isBridge = adaptersOf(facts).find((each) => each.interfaceName === interfaceName)?.isBridge === true;
  const bridgeRate = compiledRate(facts, interfaceName, mcus);
  const boards = boardsInConfigs(facts).filter((each) => each.canbusInterface === interfaceName);
  const known = [
    ...(isBridge || found?.up !== true || found.bitrateBps === null
      ? []
      : [{ what: `the adapter ${interfaceName}`, rate: found.bitrateBps }]),
    ...mcus.flatMap(({ section, canbusFrequencyBps }) =>
      canbusFrequencyBps !== null && boards.some((each) => each.section === section)
        ? [{ what: `[${section}]`, rate: canbusFrequencyBps }]
        : [],
    ),
  ];
  const told = known.map(({ what, rate }) => `${what} ${rate}`).join(', ');
  if (new Set(known.map(({ rate }) => rate)).size > 1) {
    const fix = hands('Build and flash the boards that differ for the rate of the others.');
    return { ...base, verdict: 'wrong', answer: `No: ${told}.`, fix };
  }
  if (
    isBridge &&
    bridgeRate !== null &&
    typeof found?.bitrateBps === 'number' &&
    found.bitrateBps !== bridgeRate
  ) {
    const answer = `The boards have ${bridgeRate}, and Linux is set to ${found.bitrateBps}, which the bridge does not use.`;
    return { ...base, verdict: 'look', answer, fix: { kind: 'plan', wishes: { bitrateBps: bridgeRate } } };
  }
  const isReady = printers.some(({ answer }) => answer.kind === 'status' && answer.status.klippy === 'ready');
  if (isReady) {
    const answer = told === '' ? 'Klipper talks to all of them, so they have.' : `Yes: ${told}.`;
    return { ...base, verdict: 'fine', answer, fix: none };
  }
  const silent = boards.filter(({ section }) => !mcus.some((each) => each.section === section));
  const rest = told === '' ? '' : `Known: ${told}. `;
  if (silent.length > 0 && found?.up === true) {
    const names = silent.map(({ section }) => `[${section}]`).join(', ');
    const answer = `${rest}Nothing shows the rate of ${names}. A board that does not reply has perhaps another rate than ${found.bitrateBps ?? 'this one'}.`;
    const fix = isBridge
      ? hands(
          'The bridge has the rate it was built with. Build and flash the bridge and the silent board for the same one.',
        )
      : hands(
          'Bring the interface up at another rate (1000000, 500000, 250000) and look for the board again.',
        );
    return { ...base, verdict: 'look', answer, fix };
  }
  return {
    ...base,
    verdict: 'unknown',
    answer: `${rest}It cannot be told before the boards reply.`,
    fix: none,
  };
}
