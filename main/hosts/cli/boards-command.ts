import { piOf, placeLabel, type PlaceId } from '../../../app/place.ts';
import { foreignWords } from '../../../app/boards/foreign-device.ts';
import { hex16 } from '../../../app/hex.ts';
import type { Command } from 'commander';
import type { Board } from '../../../app/boards/board.ts';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import { onBoardsOf, withPiOptions, type BoardOnPiOptions } from './board-on-pi.ts';
import type { CliContext, CliIo } from './context.ts';
import { parseInterface } from './parse-interface.ts';
import { byPort, presentBoards } from './present-boards.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';

interface BoardsOptions extends StationOptions, BoardOnPiOptions {
  readonly watch?: boolean;
  readonly all?: boolean;
  readonly nodes?: boolean;
  readonly interface: string;
}

/** `canopus boards [--watch]`: what is plugged in, and in which mode. */
export function registerBoards(program: Command, context: CliContext): void {
  withPiOptions(withStationOptions(program.command('boards')))
    .description('list the boards that are plugged in, here or into a Pi, and the nodes behind bridges')
    .option('--watch', 'keep running and print every change, until Ctrl-C')
    .option('--all', 'other USB devices too')
    .option(
      '--nodes',
      'ask the bus of every bridge here, or of the Pi, for its nodes; not while Klipper runs on one',
    )
    .option(
      '--interface <name>',
      'with --nodes and --pi: the CAN interface of the Pi',
      parseInterface,
      'can0',
    )
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
          if (options.nodes !== true) {
            const report = await listBoards(io, client, isWanted, null);
            const next = nextCommand(report.boards);
            if (next !== null) io.print(`\n${next}`);
            return report;
          }
          if (piId === null)
            return listBoards(io, client, isWanted, (bridge) => client.call('can.nodes', { bridge }, io));
          const { boards } = await listBoards(io, client, isWanted, null);
          const interfaceName = options.interface;
          const nodes = await showAsked(io, { interface: interfaceName }, () =>
            client.call('can.nodes', { piId, interfaceName }, io),
          );
          return { boards, nodes };
        });
      }),
    );
}

type IsWanted = (board: Board) => boolean;

type FoundNodes = StationOutput<'can.nodes'>;

/** A node that replied, or one that only the history has: then it is unknown what it runs. */
interface ListedNode {
  readonly place: PlaceId;
  readonly canbusUuid: string;
  readonly application: FoundNodes['nodes'][number]['application'] | null;
}

/**
 * Each board, a bridge here with the nodes behind it: those that reply, if its bus is asked, and those that were written
 * through it before. A bus that cannot be asked costs no other one.
 */
async function listBoards(
  io: CliIo,
  client: StationClient,
  isWanted: IsWanted,
  ask: ((bridge: PlaceId) => Promise<FoundNodes>) | null,
): Promise<{ boards: Board[]; nodes: ListedNode[] }> {
  const boards = (await presentBoards(client, io.signal)).filter(isWanted);
  const nodes: ListedNode[] = [];
  for (const board of boards) {
    io.emit({ type: 'board', ...shown(board) }, () => describeBoard(board));
    const { place, mode } = board;
    if (place === null || piOf(place) !== null || mode !== 'can-bridge') continue;
    const replied = ask === null ? [] : await showAsked(io, { bridge: place }, () => ask(place));
    nodes.push(...replied, ...(await showRecorded(io, client, place, replied)));
  }
  if (boards.length === 0) io.print('No board is plugged in.');
  return { boards, nodes };
}

/** The nodes of the history that did not reply. */
async function showRecorded(
  io: CliIo,
  client: StationClient,
  bridge: PlaceId,
  replied: readonly ListedNode[],
): Promise<readonly ListedNode[]> {
  const known = new Set(replied.map(({ canbusUuid }) => canbusUuid));
  const { nodes } = await client.call('can.recorded', { bridge }, io);
  const silent = nodes.filter(({ canbusUuid }) => !known.has(canbusUuid));
  return silent.map((node) => {
    const { place, presetId } = node;
    const listed = { ...node, application: null };
    const what = presetId === null ? 'written here before' : `written here before: ${presetId}`;
    io.emit({ type: 'node', ...listed }, () => `  ${place}  ${what}`);
    return listed;
  });
}

/** What replies on one bus. */
async function showAsked(
  io: CliIo,
  bus: { readonly bridge: PlaceId } | { readonly interface: string },
  ask: () => Promise<FoundNodes>,
): Promise<readonly ListedNode[]> {
  const note = (text: string): void => io.emit({ type: 'note', ...bus, text }, () => `  ${text}`);
  try {
    const { nodes, duplicates, isClaimed } = await ask();
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
