import { placeWords } from '../place.ts';
import { foreignWords } from '../boards/foreign-device.ts';
import { flashedMcus } from '../mcu/mcu.ts';
import type { HostCheck } from './host-check.ts';
import type { HostFacts } from './host-facts.ts';

/** Names a device that a person may be waiting for in vain; null if there is none. */
export function checkForeign({ boards }: HostFacts): HostCheck | null {
  const found = boards.flatMap(({ place, foreign }) => (foreign === null ? [] : [{ place, foreign }]));
  if (found.length === 0) return null;
  return {
    id: 'foreign',
    question: 'Is a device plugged in that looks like a board but is not one?',
    verdict: 'look',
    answer: found
      .map(({ place, foreign }) => `${placeWords(place)}: ${foreignWords[foreign].text}`)
      .join(' '),
    why: `Canopus flashes boards with one of these chips: ${flashedMcus}.`,
    fix: null,
  };
}
