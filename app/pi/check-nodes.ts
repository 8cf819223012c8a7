import { boardsOnBus, busWords, type BusBoard } from './bus-boards.ts';
import { hands, none, together, type Check, type ExaminedPrinter, type Examination } from './check.ts';

/**
 * Which boards are on the bus, as far as Klipper's own API tells: the objects `mcu` and `mcu NAME` of one that is ready,
 * and the name in the message of one that is not. A bus that a Klipper may use is never queried.
 */
export function checkNodes({ facts, printers, wishes }: Examination): Check {
  const { interfaceName } = wishes;
  const base = {
    id: 'nodes',
    question: `Which boards are on ${interfaceName}?`,
    why: 'A board that Klipper does not reach has no power, a broken wire, another bit rate, another canbus_uuid, or waits in Katapult.',
  };
  const absent = { ...base, verdict: 'unknown', answer: 'No printer was found.', fix: none } as const;
  const all = new Map<string, BusBoard[]>();
  for (const board of boardsOnBus(facts, interfaceName, printers)) {
    const { configPath } = board.printer;
    const own = all.get(configPath) ?? [];
    own.push(board);
    all.set(configPath, own);
  }
  return together(printers, absent, (each) => {
    return { ...base, ...reachOf(each, all.get(each.printer.configPath) ?? []) };
  });
}

function reachOf(
  { answer, mcus }: ExaminedPrinter,
  boards: readonly BusBoard[],
): Pick<Check, 'verdict' | 'answer' | 'fix'> {
  if (boards.length === 0) {
    return { verdict: 'unknown', answer: 'No section of printer.cfg is on it.', fix: none };
  }
  const named = boards.map(({ what, canbusUuid }) => `${what} ${canbusUuid}`).join(', ');
  if (answer.kind !== 'status') {
    return {
      verdict: 'unknown',
      answer: `printer.cfg names ${named}; Klipper does not say which of them reply.`,
      fix: none,
    };
  }
  const { klippy, message } = answer.status;
  if (klippy === 'ready' && mcus.length > 0) {
    const { talks, silent } = busWords(boards);
    const words = [talks, silent].filter((each) => each !== null).join('. ');
    return { verdict: silent === null ? 'fine' : 'look', answer: `${words}.`, fix: none };
  }
  const lost = boards.find(({ section }) => section === lostSection(message));
  if (lost !== undefined) {
    const others = boards.length === 1 ? '' : ' Of the others it says nothing.';
    return {
      verdict: 'wrong',
      answer: `Klipper does not reach ${lost.what} ${lost.canbusUuid}.${others}`,
      fix: hands('Check its power, its wires, its bit rate and its canbus_uuid; then FIRMWARE_RESTART.'),
    };
  }
  return {
    verdict: 'unknown',
    answer: `printer.cfg names ${named}; Klipper is "${klippy}" and does not say which of them reply.`,
    fix: none,
  };
}

/** "mcu 'EBBCan': Unable to connect", "Lost communication with MCU 'EBBCan'" (klippy/mcu.py): the section it is about. */
function lostSection(message: string | null): string | null {
  const name = /\bmcu '([A-Za-z0-9_-]{1,200})'/i.exec(message ?? '')?.[1];
  return name === undefined ? null : name === 'mcu' ? 'mcu' : `mcu ${name}`;
}
