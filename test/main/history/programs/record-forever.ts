import { type PlaceId, usbPlace } from '../../../../app/place.ts';
import { writeSync } from 'node:fs';
import { History } from '../../../../main/history/history.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import type { FlashBoardEvent } from '../../../../main/jobs/board-event.ts';
import { samplePlan } from '../history-bench.ts';
import { uidOf } from '../uid-of.ts';

/**
 * Records runs of eight boards at once, as fast as it can, until it is killed. Says what is on disk only when it is:
 * `PORT RUN DONE-EVENTS`. Usage: record-forever FOLDER PORT-PREFIX.
 */
const [folder = '', prefix = ''] = process.argv.slice(2);
const history = await History.open({ folder, clock: systemClock });
const plan = await samplePlan();
const say = (text: string): void => void writeSync(1, `${text}\n`);

function eventsOf(place: PlaceId): FlashBoardEvent[] {
  const phase = (name: 'erase' | 'write' | 'verify' | 'leave'): FlashBoardEvent => ({
    type: 'phase',
    phase: name,
    safeToStop: false,
  });
  const readBack: FlashBoardEvent = { type: 'progress', phase: 'verify', bytesDone: 1, bytesTotal: 1 };
  return [
    { type: 'step', step: 'install-katapult', place },
    ...[phase('erase'), phase('write'), phase('verify'), readBack, phase('leave')],
    { type: 'step', step: 'install-klipper', place },
    ...[phase('write'), phase('verify'), readBack, phase('leave')],
  ];
}

async function board(place: PlaceId): Promise<never> {
  for (let run = 0; ; run++) {
    const entry = history.recorder.begin({ ...plan, place, slot: String(run) });
    say(`${place} ${run} 0`);
    for (const [index, event] of eventsOf(place).entries()) {
      entry.take(event);
      say(`${place} ${run} ${index + 1}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    entry.done({ uid: uidOf(run) });
    say(`${place} ${run} end`);
  }
}

say('recording');
await Promise.all(Array.from({ length: 8 }, (_, index) => board(usbPlace(`${Number(prefix)}-${index + 1}`))));
