import { foreignWords } from '../../../app/boards/foreign-device.ts';
import { hex16 } from '../../../app/hex.ts';
import type { Command } from 'commander';
import type { Board } from '../../../app/boards/board.ts';
import { boardAt, emptyTracker, listBoards, track } from '../../../app/boards/tracker.ts';
import { portOf, type PortPath } from '../../../app/boards/usb-device.ts';
import type { Station } from '../../station.ts';
import type { CliContext, CliIo } from './context.ts';

interface BoardsOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly all?: boolean;
  readonly sim?: string;
}

/** `canopus boards [--watch]`: what is plugged in, and as what. */
export function registerBoards(program: Command, context: CliContext): void {
  program
    .command('boards')
    .description('list the boards that are plugged in')
    .option('--watch', 'go on and tell every change, until Ctrl-C')
    .option('--all', 'other USB devices too')
    .option('--sim <bench.json>', 'virtual boards instead of USB')
    .option('--json', 'print JSON')
    .action((options: BoardsOptions) =>
      context.run(options, async (io) => {
        const station = await io.station({ sim: options.sim });
        return options.watch === true ? watchBoards(io, station, options) : listOnce(io, station, options);
      }),
    );
}

async function listOnce(io: CliIo, station: Station, options: BoardsOptions): Promise<{ boards: Board[] }> {
  let tracker = emptyTracker;
  for (const device of await station.devices.list()) tracker = track(tracker, { type: 'attach', device });
  const boards = listBoards(tracker).filter((board) => isWanted(board, options));
  for (const board of boards) io.emit({ type: 'board', ...shown(board) }, () => describeBoard(board));
  if (boards.length === 0) io.print('No board is plugged in.');
  return { boards };
}

async function watchBoards(io: CliIo, station: Station, options: BoardsOptions): Promise<null> {
  let tracker = emptyTracker;
  const stop = await station.devices.watch((event) => {
    const portPath = portOf(event);
    if (event.type === 'unreadable') {
      io.emit(
        { type: 'unreadable', port: portPath },
        () =>
          `! ${portPath}  something is there and cannot be read: the cable, or a firmware for another crystal`,
      );
      return;
    }
    const before = boardAt(tracker, portPath);
    tracker = track(tracker, event);
    const board = event.type === 'detach' ? before : boardAt(tracker, portPath);
    if (board === null || !isWanted(board, options)) return;
    io.emit(
      { type: event.type, ...shown({ ...board, portPath }) },
      () => `${signs[event.type]} ${describeBoard({ ...board, portPath })}`,
    );
  });
  await new Promise<void>((resolve) => {
    io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  stop();
  return null;
}

const signs = { attach: '+', change: '~', detach: '-' } as const;

function isWanted(board: Board, options: BoardsOptions): boolean {
  return options.all === true || board.mode !== 'unknown' || board.foreign !== null;
}

/** `port` is the name that scripts know the port path by. */
function shown(board: Board): Board & { port: PortPath | null } {
  return { ...board, port: board.portPath };
}

function describeBoard(board: Board): string {
  const ids = `${hex16(board.vendorId)}:${hex16(board.productId)}`;
  const port = (board.portPath ?? '-').padEnd(8);
  if (board.foreign !== null) return [port, '-'.padEnd(14), ids, foreignWords[board.foreign].text].join('  ');
  const parts = [port, board.mode.padEnd(14), ids, board.mcu ?? board.product ?? ''];
  if (board.uid !== null) parts.push(`UID ${board.uid}`, `canbus_uuid ${board.canbusUuid ?? ''} (computed)`);
  if (board.tty !== null) parts.push(board.tty);
  if (board.conflict) parts.push('(another board has the same UID)');
  if (!board.access.ok) parts.push(`(${refusalOf(board)})`);
  return parts.join('  ');
}

/** A bridge without a driver works; the others cannot be written. */
function refusalOf({ mode, access, driver }: Board): string {
  if (access.ok || access.code !== 'link/no-driver')
    return `cannot be opened: ${access.ok ? '' : access.code}`;
  const name = driver === null || driver.kind === 'none' ? 'no driver' : `driver ${driver.service ?? ''}`;
  return mode === 'can-bridge'
    ? `${name}: reset pressed twice brings it into Katapult`
    : `cannot be opened: ${name}`;
}
