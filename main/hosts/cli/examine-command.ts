import { InvalidArgumentError, type Command } from 'commander';
import type { StationClient, StationInput } from '../../../app/contract/station-contract.ts';
import type { BusExamination, NamedNode, NodeLosses, Tally } from '../../../app/printer/examination.ts';
import { terminationDrawing } from '../../../app/printer/examination-words.ts';
import type { PlaceId } from '../../../app/place.ts';
import { parseCanbusUuid } from '../../../app/units.ts';
import { onBoardsOf, withPiOptions, type BoardOnPiOptions } from './board-on-pi.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { onStation } from './on-station.ts';
import { parseInterface } from './parse-interface.ts';
import { parsePort, requireBoard } from './port-argument.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';
import { parseWholeNumber } from './whole-number.ts';

interface ExamineOptions extends StationOptions, BoardOnPiOptions {
  readonly bridge?: PlaceId;
  readonly interface: string;
  readonly node: readonly NamedNode[];
  readonly moved: number;
}

const mostSeconds = 600;

/** `canopus can examine`: requests and replies of every node, alone, all at once and while cables are moved. */
export function registerExamine(can: Command, context: CliContext): void {
  withPiOptions(withStationOptions(can.command('examine')))
    .description(
      'count what every node of a bus replies, alone and under load; Klipper stops meanwhile, nodes are reset',
    )
    .option('--bridge <port>', "the bridge's USB port here (default: the only bridge)", parsePort)
    .option('--interface <name>', 'with --pi: its CAN interface', parseInterface, 'can0')
    .option('--node <uuid>', 'a node that a host has claimed, [name=]canbus_uuid; repeat it', addNode, [])
    .option('--moved <seconds>', 'at the end watch so long, while you move cables and plugs', parseSeconds, 0)
    .action((options: ExamineOptions) =>
      onStation(context, options, (io, client) =>
        onBoardsOf(io, client, options, async (choice) => {
          if (typeof choice !== 'object') {
            const bridge = await requireBoard(io, client, options.bridge, ['can-bridge']);
            return examine(io, client, options, { bridge });
          }
          if (options.bridge !== undefined)
            throw new InvalidArgumentError('--bridge is for a bridge that is plugged in here');
          return examine(io, client, options, { piId: choice.piId, interfaceName: options.interface });
        }),
      ),
    );
}

async function examine(
  io: CliIo,
  client: StationClient,
  { node: nodes, moved }: ExamineOptions,
  bus: StationInput<'can.nodes'>,
): Promise<CliReport> {
  const order = { bus, nodes: [...nodes], movedMs: moved * 1000 };
  for await (const event of client.stream('can.examine', order, io)) {
    switch (event.type) {
      case 'note':
        io.emit(event, ({ text }) => text);
        break;
      case 'exam-idle':
        io.emit(event, ({ name, tally }) => `[${name}] alone: ${tallyWords(tally)}`);
        break;
      case 'exam-ramp':
        io.emit(event, ({ ratePerSecond, lost }) => {
          const rate =
            ratePerSecond === null ? 'as fast as they reply' : `${ratePerSecond} requests per second each`;
          return `All at once, ${rate}: ${lossWords(lost)}`;
        });
        break;
      case 'exam-moved':
        io.emit(event, ({ leftMs, lost }) => movedWords(leftMs, lost, moved));
        break;
      case 'exam-reset':
        io.emit(event, ({ names }) =>
          names.length === 0 ? null : `Reset: ${names.map((name) => `[${name}]`).join(', ')}`,
        );
        break;
      case 'result':
        show(io, event.examination);
        return { ...event.examination };
    }
  }
  return null;
}

function show(io: CliIo, { findings, showsTermination }: BusExamination): void {
  io.print('');
  for (const { text, advice } of findings) io.print(advice === null ? text : `${text}\n    ${advice}`);
  if (showsTermination) io.print(['', ...terminationDrawing].join('\n'));
}

function tallyWords({ requests, replies, medianMs, worstMs }: Tally): string {
  if (medianMs === null || worstMs === null) return `no reply to ${requests} requests`;
  return `${replies} of ${requests} replies, ${medianMs.toFixed(1)} ms, at most ${worstMs.toFixed(1)} ms`;
}

function lossWords(lost: readonly NodeLosses[]): string {
  const some = lost.filter((each) => each.lost > 0).map((each) => `[${each.name}] lost ${each.lost}`);
  return some.length === 0 ? 'nothing lost' : some.join(', ');
}

function movedWords(leftMs: number, lost: readonly NodeLosses[], seconds: number): string | null {
  if (lost.length === 0) return `Now move the cables and plugs, one after the other, for ${seconds} s.`;
  return lost.some((each) => each.lost > 0) ? `${Math.ceil(leftMs / 1000)} s left: ${lossWords(lost)}` : null;
}

function addNode(text: string, before: readonly NamedNode[]): readonly NamedNode[] {
  const at = text.lastIndexOf('=');
  const canbusUuid = parseCanbusUuid(text.slice(at + 1));
  if (canbusUuid === null)
    throw new InvalidArgumentError('must be a canbus_uuid, 12 hex digits, or NAME=canbus_uuid');
  return [...before, { name: at > 0 ? text.slice(0, at) : canbusUuid, canbusUuid }];
}

function parseSeconds(text: string): number {
  const seconds = parseWholeNumber(text);
  if (seconds > mostSeconds) throw new InvalidArgumentError(`must be at most ${mostSeconds}`);
  return seconds;
}
