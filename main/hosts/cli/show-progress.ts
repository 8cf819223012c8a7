import type { FlashEvent, Phase } from '../../../app/flash/flash-event.ts';
import { ProgressMeter, type PhaseProgress } from '../../../app/flash/progress-meter.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { FlashBoardEvent } from '../../jobs/flash-board.ts';
import type { CliIo } from './context.ts';
import { sightWords } from './sight-words.ts';

const phaseWords = {
  connect: 'Connecting',
  check: 'Checking',
  backup: 'Saving the old flash',
  unprotect: 'Removing the read protection',
  erase: 'Erasing',
  write: 'Writing',
  verify: 'Reading back',
  leave: 'Starting',
} as const satisfies Record<Phase, string>;

const stepWords = {
  'install-katapult': 'Katapult through DFU',
  'enter-katapult': 'Asking the running firmware for its bootloader',
  'install-klipper': 'Klipper through Katapult',
  restore: 'Flash as it was, through DFU',
  done: 'Done',
} as const;

const modeWords = {
  dfu: 'ROM DFU',
  katapult: 'Katapult',
  'klipper-serial': 'Klipper on USB serial',
  'can-bridge': 'Klipper USB-to-CAN bridge',
  unknown: 'an unknown device',
} as const;

function bar(progress: PhaseProgress): string {
  const width = 24;
  const full = Math.round(progress.fraction * width);
  const percent = `${Math.floor(progress.fraction * 100)}%`.padStart(4);
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  const speed = progress.bytesPerSecond === null ? '' : `  ${kib(progress.bytesPerSecond)} KiB/s`;
  const left = progress.remainingMs === null ? '' : `  ${Math.ceil(progress.remainingMs / 1000)} s left`;
  return `${phaseWords[progress.phase].padEnd(22)} [${'#'.repeat(full)}${'.'.repeat(width - full)}]${percent}  ${kib(progress.bytesDone)}/${kib(progress.bytesTotal)} KiB${speed}${left}`;
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
      return event.step === 'done' ? null : `\n${stepWords[event.step]} (port ${event.portPath})`;
    case 'seen': {
      const chip = event.uid === null ? '' : `, UID ${event.uid}, canbus_uuid ${event.canbusUuid ?? ''}`;
      return `Seen on port ${event.portPath}: ${modeWords[event.mode]}${chip}`;
    }
    case 'backup':
      return `  The old flash is kept as backup ${event.backupId}`;
    case 'ask':
      return `\n>>> ${event.text}\n`;
    case 'sight':
      return `  ${sightWords[event.sight](event.portPath, event.builtForHz)}`;
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
