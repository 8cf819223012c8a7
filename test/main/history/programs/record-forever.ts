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

function eventsOf(portPath: string): FlashBoardEvent[] {
  const phase = (name: 'erase' | 'write' | 'verify' | 'leave'): FlashBoardEvent => ({
    type: 'phase',
    phase: name,
    safeToStop: false,
  });
  const readBack: FlashBoardEvent = { type: 'progress', phase: 'verify', bytesDone: 1, bytesTotal: 1 };
  return [
    { type: 'step', step: 'install-katapult', portPath },
    ...[phase('erase'), phase('write'), phase('verify'), readBack, phase('leave')],
    { type: 'step', step: 'install-klipper', portPath },
    ...[phase('write'), phase('verify'), readBack, phase('leave')],
  ];
}

async function board(portPath: string): Promise<never> {
  for (let run = 0; ; run++) {
    const entry = history.recorder.begin({ ...plan, portPath, slot: String(run) });
    say(`${portPath} ${run} 0`);
    for (const [index, event] of eventsOf(portPath).entries()) {
      entry.take(event);
      say(`${portPath} ${run} ${index + 1}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    entry.done({ uid: uidOf(run) });
    say(`${portPath} ${run} end`);
  }
}

say('recording');
await Promise.all(Array.from({ length: 8 }, (_, index) => board(`${prefix}-${index + 1}`)));
