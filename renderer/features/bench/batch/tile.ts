import type { MappedSlot } from '../../../../app/bench/slot-map.ts';
import type { Board } from '../../../../app/boards/board.ts';
import type { BenchSlotView, JobView } from '../../../../app/contract/station-contract.ts';
import { texts } from '../../../texts/en.ts';
import { formatMcu } from '../../../ui/format.ts';
import { fractionDone } from '../progress.ts';

/** How prominent a slot is, from two metres away. */
export type TileTone = 'quiet' | 'ready' | 'work' | 'hands' | 'done' | 'bad' | 'refused';

export interface Tile {
  readonly tone: TileTone;
  /** One or two words, large. */
  readonly word: string;
  /** Of the current phase, 0 to 1; null if unknown. */
  readonly fraction: number | null;
  readonly detail: string;
}

const { states, reasons } = texts.batch;

const handWords: Readonly<Record<NonNullable<JobView['ask']>, string>> = {
  'remove-jumper': states.hands,
  'press-reset': states.reset,
  'double-tap': states.doubleTap,
  'back-to-dfu': states.backToDfu,
  'wake-katapult': states.doubleTap,
};

/** What a slot shows; its own work takes precedence over other work on its port. */
export function tileOf(
  mapped: MappedSlot,
  slot: BenchSlotView | null,
  board: Board | null,
  job: JobView | null,
): Tile {
  if (job !== null && job.endedAt === null) return jobTile(job);
  if (mapped.isIgnored) return quiet(states.ignored, '');
  if (slot === null) return board === null ? quiet(states.empty, '') : ready(board);
  const chip = slot.canbusUuid ?? slot.uid ?? '';
  switch (slot.stage) {
    case 'done':
      return {
        tone: 'done',
        word: states.done,
        fraction: null,
        detail: board ? chip : `${chip} ${texts.batch.unplugged}`,
      };
    case 'failed':
      return { tone: 'bad', word: states.failed, fraction: null, detail: slot.trouble?.message ?? '' };
    case 'refused':
      return { tone: 'refused', word: states.refused, fraction: null, detail: slot.trouble?.message ?? '' };
    case 'probing':
    case 'asking':
    case 'writing':
      return { tone: 'work', word: states.looking, fraction: null, detail: '' };
    case 'idle':
      if (board === null) return quiet(states.empty, slot.why === 'moved' ? reasons.moved : '');
      if (slot.why === 'not-armed') return ready(board);
      return quiet(states.idle, slot.why === null ? '' : reasons[slot.why]);
  }
}

function jobTile(job: JobView): Tile {
  if (job.ask !== null) {
    const word = handWords[job.ask];
    const seen = job.sight === null ? null : texts.sight(job.sight.sight, job.sight.builtForHz);
    return { tone: 'hands', word, fraction: null, detail: seen ?? texts.asks[job.ask].text };
  }
  if (job.status === 'queued') return { tone: 'work', word: states.queued, fraction: 0, detail: '' };
  const fraction = job.progress === null ? null : fractionDone(job.progress);
  const word = fraction === null ? states.working : `${Math.floor(fraction * 100)} %`;
  const phase = job.phase === null ? '' : texts.phases[job.phase];
  const detail = [job.step === null ? '' : texts.steps[job.step], phase]
    .filter((part) => part !== '')
    .join(' · ');
  return { tone: 'work', word, fraction, detail };
}

function ready(board: Board): Tile {
  const detail = [texts.modes[board.mode], board.mcu === null ? '' : formatMcu(board.mcu)]
    .filter((part) => part !== '')
    .join(' · ');
  return { tone: 'ready', word: states.ready, fraction: null, detail };
}

function quiet(word: string, detail: string): Tile {
  return { tone: 'quiet', word, fraction: null, detail };
}
