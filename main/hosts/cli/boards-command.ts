import { piOf, placeLabel, type PlaceId } from '../../../app/place.ts';
import { foreignWords } from '../../../app/boards/foreign-device.ts';
import { hex16 } from '../../../app/hex.ts';
import type { Command } from 'commander';
import type { Board } from '../../../app/boards/board.ts';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import { onBoardsOf, withPiOptions, type BoardOnPiOptions } from './board-on-pi.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { byPort, presentBoards } from './present-boards.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';

interface BoardsOptions extends StationOptions, BoardOnPiOptions {
  readonly watch?: boolean;
  readonly all?: boolean;
  readonly nodes?: boolean;
}

/** `canopus boards [--watch]`: what is plugged in, and in which mode. */
export function registerBoards(program: Command, context: CliContext): void {
  withPiOptions(withStationOptions(program.command('boards')))
    .description('list the boards that are plugged in, here or into a Pi, and the nodes behind bridges')
    .option('--watch', 'keep running and print every change, until Ctrl-C')
    .option('--all', 'other USB devices too')
    .option('--nodes', 'ask the bus of every bridge here for its nodes; not while Klipper runs on one')
    .action((options: BoardsOptions) =>
      context.run(options, async (io) => {
        const client = await io.contract(options);
        return await onBoardsOf(io, client, options, async (choice) => {
          const piId = typeof choice === 'object' ? choice.piId : null;
          const isWanted = (board: Board): boolean =>
            (options.all === true || board.mode !== 'unknown' || board.foreign !== null) &&
            board.place !== null &&
            piOf(board.place) === piId;
          if (options.watch === true) {
            if (options.nodes === true)
              throw new CanopusError('usage/invalid', '--nodes asks once: not with --watch');
            return watchBoards(io, client, isWanted);
          }
          if (options.nodes !== true) return listOnce(io, client, isWanted);
          if (piId !== null)
            throw new CanopusError(
              'usage/invalid',
              '--nodes is for bridges here; a Pi: "canopus can nodes --pi"',
            );
          return listWithNodes(io, client, isWanted);
        });
      }),
    );
}

type IsWanted = (board: Board) => boolean;

async function listOnce(io: CliIo, client: StationClient, isWanted: IsWanted): Promise<{ boards: Board[] }> {
  const boards = (await presentBoards(client, io.signal)).filter(isWanted);
  for (const board of boards) io.emit({ type: 'board', ...shown(board) }, () => describeBoard(board));
  if (boards.length === 0) io.print('No board is plugged in.');
  const next = nextCommand(boards);
  if (next !== null) io.print(`\n${next}`);
  return { boards };
}

/** Each bridge with what replies on its bus; a bus that cannot be asked costs no other one. */
async function listWithNodes(io: CliIo, client: StationClient, isWanted: IsWanted): Promise<CliReport> {
  const boards = (await presentBoards(client, io.signal)).filter(isWanted);
  const nodes: BusNode[] = [];
  for (const board of boards) {
    io.emit({ type: 'board', ...shown(board) }, () => describeBoard(board));
    const { place, mode } = board;
    if (place !== null && mode === 'can-bridge') nodes.push(...(await showNodesBehind(io, client, place)));
  }
  if (boards.length === 0) io.print('No board is plugged in.');
  return { boards, nodes };
}

type BusNode = StationOutput<'can.nodes'>['nodes'][number];

async function showNodesBehind(
  io: CliIo,
  client: StationClient,
  bridge: PlaceId,
): Promise<readonly BusNode[]> {
  const note = (text: string): void => io.emit({ type: 'note', bridge, text }, () => `  ${text}`);
  try {
    const { nodes, duplicates, isClaimed } = await client.call('can.nodes', { bridge }, io);
    for (const node of nodes) {
      const twin = duplicates.includes(node.canbusUuid) ? '  (two nodes replied as this one)' : '';
      io.emit({ type: 'node', ...node }, () => `  ${node.place}  ${node.application}${twin}`);
    }
    if (nodes.length === 0) note('No node replied.');
    if (isClaimed) note('Nodes on this bus talk to a running Klipper: those it has claimed do not reply.');
    return nodes;
  } catch (error) {
    if (io.signal.aborted) throw error;
    const { code, message } = toCanopusError(error);
    note(`Its bus could not be asked: ${message} (${code})`);
    return [];
  }
}

/** How to go on with the first board that can be written. */
function nextCommand(boards: readonly Board[]): string | null {
  const board = boards.find(({ mode, access }) => access.ok && (mode === 'dfu' || mode === 'katapult'));
  if (board?.place === undefined || board.place === null) return null;
  const port = placeLabel(board.place);
  return board.mode === 'dfu'
    ? `Write ${port}: canopus flash --port ${port} --preset BOARD --katapult build --klipper build   ("canopus presets" lists the boards)`
    : `Write ${port}: canopus install-klipper --port ${port} --image klipper.bin`;
}

async function watchBoards(io: CliIo, client: StationClient, isWanted: IsWanted): Promise<null> {
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  try {
    await Promise.all([showChanges(io, client, signal, isWanted), showUnreadable(io, client, signal)]);
  } catch (error) {
    if (!io.signal.aborted) throw error;
  } finally {
    stop.abort();
  }
  return null;
}

async function showChanges(
  io: CliIo,
  client: StationClient,
  signal: AbortSignal,
  isWanted: IsWanted,
): Promise<void> {
  const known = new Map<string, Board>();
  const tell = (type: keyof typeof signs, board: Board): void => {
    if (isWanted(board)) io.emit({ type, ...shown(board) }, () => `${signs[type]} ${describeBoard(board)}`);
  };
  const take = (id: string, board: Board | null): void => {
    const before = known.get(id);
    const isThere = board !== null && board.place !== null;
    if (before !== undefined && (!isThere || board.place !== before.place)) {
      known.delete(id);
      tell('detach', before);
    }
    if (!isThere) return;
    tell(known.has(id) ? 'change' : 'attach', board);
    known.set(id, board);
  };
  for await (const event of client.stream('boards.watch', null, { signal })) {
    if (event.type === 'gone') take(event.id, null);
    else for (const board of event.type === 'all' ? byPort(event.items) : [event.item]) take(board.id, board);
  }
}

async function showUnreadable(io: CliIo, client: StationClient, signal: AbortSignal): Promise<void> {
  for await (const { place } of client.stream('boards.unreadable', null, { signal }))
    io.emit({ type: 'unreadable', port: placeLabel(place) }, () => {
      return `! ${placeLabel(place)}  a device is there but cannot be read: a bad cable, or firmware for a different crystal`;
    });
}

const signs = { attach: '+', change: '~', detach: '-' } as const;

/** `port` is the name that scripts know a place by. */
function shown(board: Board): Board & { port: string | null } {
  return { ...board, port: board.place && placeLabel(board.place) };
}

function describeBoard(board: Board): string {
  const ids = `${hex16(board.vendorId)}:${hex16(board.productId)}`;
  const port = (board.place === null ? '-' : placeLabel(board.place)).padEnd(8);
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
  return mode === 'can-bridge' ? `${name}: press reset twice to start Katapult` : `cannot be opened: ${name}`;
}
