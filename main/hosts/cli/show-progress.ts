import { placeWords } from '../../../app/place.ts';
import type { FlashEvent } from '../../../app/flash/flash-event.ts';
import { ProgressMeter, type PhaseProgress } from '../../../app/flash/progress-meter.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import {
  modeWords,
  phaseWords,
  searchWords,
  sightInTerminal,
  sightWords,
  stepWords,
} from '../../../app/words.ts';
import type { FlashBoardEvent } from '../../jobs/board-event.ts';
import type { CliIo } from './context.ts';

function bar(progress: PhaseProgress): string {
  const width = 24;
  const full = Math.round(progress.fraction * width);
  const percent = `${Math.floor(progress.fraction * 100)}%`.padStart(4);
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  const speed = progress.bytesPerSecond === null ? '' : `  ${kib(progress.bytesPerSecond)} KiB/s`;
  const left = progress.remainingMs === null ? '' : `  ${Math.ceil(progress.remainingMs / 1000)} s left`;
  return `${phaseWords[progress.phase].padEnd(28)} [${'#'.repeat(full)}${'.'.repeat(width - full)}]${percent}  ${kib(progress.bytesDone)}/${kib(progress.bytesTotal)} KiB${speed}${left}`;
}

const flashEvents: readonly string[] = [
  'step',
  'seen',
  'backup',
  'ask',
  'sight',
  'offer',
  'search',
  'target',
  'note',
  'erasing',
  'phase',
  'progress',
] satisfies readonly FlashBoardEvent['type'][];

export function isFlashEvent(event: { readonly type: string }): event is FlashBoardEvent {
  return flashEvents.includes(event.type);
}

/** Shows a flash run: every event as a line of JSON, or phases as lines and progress as one line that moves. */
export function progressPrinter(io: CliIo, clock: Clock): (event: FlashBoardEvent) => void {
  const meter = new ProgressMeter(clock);
  return (event) => {
    io.emit(event, describe);
    if (event.type !== 'progress') return;
    const progress = meter.take(event);
    if (progress === null) return;
    if (progress.fraction === 1) io.print(`  ${bar(progress)}`);
    else io.status(`  ${bar(progress)}`);
  };
}

function describe(event: FlashBoardEvent): string | null {
  switch (event.type) {
    case 'step':
      return event.step === 'done' ? null : `\n${stepWords[event.step]} (${placeWords(event.place)})`;
    case 'seen': {
      const chip = event.uid === null ? '' : `, UID ${event.uid}, canbus_uuid ${event.canbusUuid}`;
      return `Seen on ${placeWords(event.place)}: ${modeWords[event.mode]}${chip}`;
    }
    case 'backup':
      return `  The old flash is kept as backup ${event.backupId}`;
    case 'ask':
      return `\n>>> ${event.text}\n`;
    case 'sight':
      return `  ${sightWords[event.sight](sightInTerminal(event.place), event.builtForHz)}`;
    case 'offer':
      return null;
    case 'search':
      return `  ${searchWords[event.stage](event.crystalHz)}`;
    default:
      return describeFlash(event);
  }
}

function describeFlash(event: FlashEvent): string | null {
  switch (event.type) {
    case 'target':
      return `  ${event.bootloader}${event.mcu === null ? '' : ` on ${event.mcu}`}`;
    case 'note':
      return `  ${event.text}`;
    case 'erasing':
    case 'phase':
    case 'progress':
      return null;
  }
}
