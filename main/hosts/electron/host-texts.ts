import { placeWords } from '../../../app/place.ts';
import type { JobView } from '../../../app/contract/station-contract.ts';
import { uuidWithSource } from '../../../app/boards/canbus-uuid-source.ts';
import { errorTable } from '../../../app/errors/error-table.ts';

const where = ({ place }: JobView): string => (place === null ? '' : ` on ${placeWords(place)}`);

/** The English texts outside the window. */
export const hostTexts = {
  jobDone: (job: JobView) =>
    ({
      build: { title: 'Firmware is built', body: 'Katapult and Klipper were built and inspected.' },
      'flash-board': {
        title: 'Board is ready',
        body: `The bridge${where(job)} has the canbus_uuid ${uuidWithSource(job.canbusUuid ?? '?', job.canbusUuidSource)}.`,
      },
      restore: {
        title: 'The board is restored',
        body: `The flash of the board${where(job)} matches the backup, and every byte was read back.`,
      },
      'pi-apply': { title: 'The Pi is set up', body: 'Every step of the plan is done.' },
      'pi-undo': { title: 'The change is undone', body: 'The Pi is back to its state before the change.' },
      'printer-update': { title: 'The printer is updated', body: 'Every MCU runs what was written.' },
      'printer-rollback': {
        title: 'The printer is as before the update',
        body: 'Every MCU runs its former firmware.',
      },
      'printer-prove': { title: 'The printer was checked', body: 'Everything that was checked works.' },
      'pi-prove': { title: 'The Pi was checked', body: 'Everything that was checked works.' },
    })[job.kind],
  jobFailed: (job: JobView) => ({
    title: `Failed${where(job)}`,
    body: job.error === null ? '' : errorTable[job.error.code].title,
  }),
  quit: {
    message: 'Work is still running',
    detail: (count: number) =>
      `${count === 1 ? 'One job has' : `${count} jobs have`} not ended. Quitting stops it at the next safe point; the board stays recoverable.`,
    buttons: ['Keep running', 'Stop and quit'],
  },
  stillClosing: {
    message: 'Work has not reached a safe point yet',
    detail: (count: number) =>
      `${count === 1 ? 'One job is' : `${count} jobs are`} still ending. A board that is cut off in the middle of a write starts its ROM bootloader by BOOT0 and can be written again; a Pi keeps the backup of every file.`,
    buttons: ['Keep waiting', 'Quit now'],
  },
  crashed: {
    message: 'Canopus has to close',
    detail: (logFile: string) =>
      `Something unexpected happened. Running work ends at its next safe point. What happened is in ${logFile}.`,
  },
  pageGone: {
    message: 'The window crashed twice',
    detail: 'The work continues without it.',
    buttons: ['Leave it', 'Load it again'],
  },
  unresponsive: {
    message: 'The window does not respond',
    detail: 'The work continues. Loading the window again does not stop it.',
    buttons: ['Wait', 'Load it again'],
  },
  commandRuns: {
    message: 'A command works with the same data folder',
    detail: (sentence: string) => `${sentence} The window opens when it has ended.`,
    buttons: ['Wait', 'Quit'],
  },
  menu: {
    bench: 'Bench',
    firmware: 'Firmware',
    pi: 'Pi',
    history: 'History',
    settings: 'Settings',
    setUp: 'Set Up a Board',
    go: 'Go',
    help: 'Canopus Help',
    openLog: 'Show Log',
  },
  startFailed: 'Canopus could not start',
} as const;
