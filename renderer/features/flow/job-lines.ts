import type { JobEvent } from '../../../app/contract/station-contract.ts';
import { texts } from '../../texts/en.ts';
import { formatBytes } from '../../ui/format.ts';

/** An event of a job as a line of the log; null if it is shown elsewhere. */
export function lineOf(event: JobEvent): string | null {
  switch (event.type) {
    case 'step':
      return texts.steps[event.step];
    case 'phase':
      return texts.phases[event.phase];
    case 'progress':
      return event.bytesDone === event.bytesTotal
        ? `${texts.phases[event.phase]}: ${formatBytes(event.bytesTotal)}`
        : null;
    case 'seen':
      return texts.log.seen(texts.modes[event.mode], event.place, event.uid);
    case 'ask':
      return texts.asks[event.ask].title;
    case 'sight':
      return texts.sight(event.sight, event.builtForHz);
    case 'offer':
      return texts.rescue.offerTitle;
    case 'search':
      return texts.rescue.stages[event.stage](event.crystalHz);
    case 'target':
      return texts.log.target(event.mcu, event.bootloader);
    case 'erasing':
      return null;
    case 'backup':
      return texts.log.backup(event.backupId);
    case 'note':
      return event.text;
    case 'line':
      return event.text;
    case 'build-phase':
      return `${texts.targets[event.target]}: ${texts.buildPhases[event.phase]}`;
    case 'cached':
      return texts.log.cached(texts.targets[event.target]);
    case 'pi-journal':
      return texts.log.journal(event.id, event.steps);
    case 'pi-step':
      return event.outcome === 'started' ? event.what : texts.log.step(event.what, event.outcome);
    case 'pi-proof':
      return event.outcome === 'started' ? event.seen : texts.log.proof(event.outcome, event.seen);
    case 'ended':
      return event.error === null
        ? texts.jobStatus[event.status]
        : `${texts.jobStatus[event.status]}: ${event.error.message}`;
  }
}
