import type { JobView } from '../../../app/contract/station-contract.ts';
import { texts } from '../../texts/en.ts';

type PartId =
  'install-katapult' | 'install-picoboot' | 'enter-katapult' | 'remove-jumper' | 'install-klipper' | 'done';

interface FlashPart {
  readonly id: PartId;
  readonly name: string;
  /** A step for the person. */
  readonly isByHand: boolean;
  readonly place: 'behind' | 'now' | 'ahead';
}

const fromDfu: readonly PartId[] = ['install-katapult', 'remove-jumper', 'install-klipper', 'done'];
const fromBootsel: readonly PartId[] = ['install-picoboot', 'install-klipper', 'done'];
const fromKlipper: readonly PartId[] = ['enter-katapult', 'install-klipper', 'done'];
/** For a board already in Katapult, nothing shows how it got there. */
const fromKatapult: readonly PartId[] = ['install-klipper', 'done'];

const names: Readonly<Record<PartId, string>> = {
  'install-katapult': texts.steps['install-katapult'],
  'install-picoboot': texts.steps['install-picoboot'],
  'enter-katapult': texts.steps['enter-katapult'],
  'remove-jumper': texts.asks['remove-jumper'].title,
  'install-klipper': texts.steps['install-klipper'],
  done: texts.flow.onBus,
};

/**
 * The parts of a flash job, for the job and for the person, with their progress; empty until it has
 * identified the board.
 */
export function flashParts({ step, ask }: Pick<JobView, 'step' | 'ask'>): readonly FlashPart[] {
  // A restore has only one part, and no flow.
  if (step === null || step === 'restore') return [];
  const now = ask === 'remove-jumper' ? ask : step;
  const parts = [fromDfu, fromBootsel, fromKlipper].find(([first]) => first === step) ?? fromKatapult;
  const at = parts.indexOf(now);
  return parts.map((id, index) => ({
    id,
    name: names[id],
    isByHand: id === 'remove-jumper',
    place: index < at ? 'behind' : index === at ? 'now' : 'ahead',
  }));
}
