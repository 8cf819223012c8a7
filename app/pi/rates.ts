import { sameUuid } from '../printer-config/set-canbus.ts';
import { adaptersOf } from './boards-seen.ts';
import { boardsOnBus, bridgeOn, compiledRate, type BridgeRate } from './bus-boards.ts';
import { hands, none, planWith, type Check, type Examination } from './check.ts';
import { builtRate, rebuildOf, type Rebuild } from './recorded-board.ts';

/** A participant of a bus with its bit rate, if that is known. */
interface Rated {
  readonly what: string;
  readonly rate: BridgeRate | null;
  /** Null for an adapter or a HAT, which has the rate that is set. */
  readonly canbusUuid: string | null;
  readonly isSilent: boolean;
}

const fromWords = { klipper: '', bus: ' (the boards behind it reply)', record: " (this station's record)" };
const told = ({ what, rate }: Rated): string =>
  rate === null ? what : `${what} ${rate.bitrateBps}${fromWords[rate.from]}`;

/** Whether everything on the bus was built, or is set, for one bit rate, as far as that is known. */
export function checkRates(examination: Examination): Check {
  const { facts, printers, wishes } = examination;
  const { interfaceName } = wishes;
  const base = {
    id: 'rates',
    question: 'Do all boards on the bus have the same bit rate?',
    why: 'A board with another rate neither hears nor is heard, and disturbs the others. An adapter or a HAT has the rate that Linux sets, a Klipper bridge and every other board the one it was built with.',
  };
  const found = facts.interfaces.find(({ name }) => name === interfaceName);
  const isBridge = bridgeOn(facts, interfaceName) !== null || isBridgeWithoutUid(examination);
  const all = ratedOn(examination, isBridge);
  const known = all.filter(({ rate }) => rate !== null);
  const words = known.map(told).join(', ');
  if (new Set(known.map(({ rate }) => rate?.bitrateBps)).size > 1) {
    return { ...base, verdict: 'wrong', answer: `No: ${words}.`, ...fixOf(examination, all) };
  }
  const bridgeRate = known.find(({ canbusUuid }) => canbusUuid !== null)?.rate?.bitrateBps ?? null;
  if (
    isBridge &&
    bridgeRate !== null &&
    typeof found?.bitrateBps === 'number' &&
    found.bitrateBps !== bridgeRate
  ) {
    const answer = `${words}; Linux is set to ${found.bitrateBps}, which a bridge does not use.`;
    const rebuilds = rebuildsFor(examination, all, found.bitrateBps);
    return { ...base, verdict: 'look', answer, fix: planWith({ bitrateBps: bridgeRate }), rebuilds };
  }
  const isReady = printers.some(({ answer }) => answer.kind === 'status' && answer.status.klippy === 'ready');
  if (isReady) {
    const answer = words === '' ? 'Klipper talks to all of them, so they have.' : `Yes: ${words}.`;
    return { ...base, verdict: 'fine', answer, fix: none };
  }
  const silent = all.filter(({ rate, isSilent }) => rate === null && isSilent);
  const rest = words === '' ? '' : `Known: ${words}. `;
  if (silent.length > 0 && found?.up === true) {
    const names = silent.map(({ what }) => what).join(', ');
    const answer = `${rest}Nothing shows the rate of ${names}. A board that does not reply has perhaps another rate than ${bridgeRate ?? found.bitrateBps ?? 'this one'}.`;
    if (!isBridge) {
      const fix = hands(
        'Bring the interface up at another rate (1000000, 500000, 250000) and look for the board again.',
      );
      return { ...base, verdict: 'look', answer, fix };
    }
    const fix = hands(
      'The bridge has the rate it was built with. Build and flash the bridge and the silent board for the same one.',
    );
    const rebuilds = rebuildsFor(examination, silent, bridgeRate ?? wishes.bitrateBps);
    return { ...base, verdict: 'look', answer, fix, rebuilds };
  }
  if (known.length > 1) return { ...base, verdict: 'fine', answer: `Yes: ${words}.`, fix: none };
  const answer = `${rest}It cannot be told before the boards reply.`;
  return { ...base, verdict: 'unknown', answer, fix: none };
}

/** A bridge whose serial number is no UID: a fork's. */
function isBridgeWithoutUid({ facts, wishes }: Examination): boolean {
  return adaptersOf(facts).some((each) => each.interfaceName === wishes.interfaceName && each.isBridge);
}

function ratedOn({ facts, printers, wishes, records = [] }: Examination, isBridge: boolean): Rated[] {
  const { interfaceName } = wishes;
  const found = facts.interfaces.find(({ name }) => name === interfaceName);
  const boards = boardsOnBus(facts, interfaceName, printers);
  const bridge = bridgeOn(facts, interfaceName);
  const isIt = (canbusUuid: string): boolean => bridge !== null && sameUuid(canbusUuid, bridge.uuid);
  const bridgeRate = compiledRate(facts, interfaceName, printers, records);
  const named = boards.map(({ what, canbusUuid, mcu }): Rated => {
    const rate = isIt(canbusUuid) ? bridgeRate : builtRate(canbusUuid, mcu, records);
    return { what, rate, canbusUuid, isSilent: mcu === null };
  });
  if (bridge !== null && !boards.some(({ canbusUuid }) => isIt(canbusUuid))) {
    const what = `the bridge ${interfaceName}`;
    named.unshift({ what, rate: bridgeRate, canbusUuid: bridge.uuid, isSilent: false });
  }
  if (isBridge || found?.up !== true || found.bitrateBps === null) return named;
  const rate = { bitrateBps: found.bitrateBps, from: 'klipper' } as const;
  return [{ what: `the adapter ${interfaceName}`, rate, canbusUuid: null, isSilent: false }, ...named];
}

/** Which boards get which rate where they differ: the rate that most of them have, then the wished one. */
function fixOf(examination: Examination, all: readonly Rated[]): Pick<Check, 'fix' | 'rebuilds'> {
  const boards = all.filter(({ canbusUuid, rate }) => canbusUuid !== null && rate !== null);
  const count = (rate: number): number => boards.filter((each) => each.rate?.bitrateBps === rate).length;
  const wished = examination.wishes.bitrateBps;
  const rates = [...new Set(boards.flatMap(({ rate }) => rate?.bitrateBps ?? []))];
  const [bitrateBps = wished] = rates.toSorted(
    (a, b) => count(b) - count(a) || Number(b === wished) - Number(a === wished),
  );
  // Only the adapter differs, and its rate is a setting.
  if (rates.length === 1) return { fix: planWith({ bitrateBps }) };
  const differ = boards.filter(({ rate }) => rate?.bitrateBps !== bitrateBps);
  const names = differ.map(({ what }) => what).join(', ');
  const fix = hands(`Build ${names} for ${bitrateBps} bit/s, as the others, and flash it.`);
  return { fix, rebuilds: rebuildsFor(examination, differ, bitrateBps) };
}

/** Of these, the boards that this station can build for: the bridge, and what a record names. */
function rebuildsFor(
  { facts, wishes, records = [] }: Examination,
  rated: readonly Rated[],
  bitrateBps: number,
): Rebuild[] {
  const bridge = bridgeOn(facts, wishes.interfaceName);
  return rated.flatMap(({ what, canbusUuid, rate }) => {
    if (canbusUuid === null || rate?.bitrateBps === bitrateBps) return [];
    const rebuild = rebuildOf({ what, canbusUuid }, bitrateBps, records);
    const isBridge = bridge !== null && sameUuid(canbusUuid, bridge.uuid);
    return isBridge || rebuild.presetId !== null ? [rebuild] : [];
  });
}
