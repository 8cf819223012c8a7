import { InvalidArgumentError, type Command } from 'commander';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { nodeAt, placeLabel, readPlace, type PlaceId } from '../../../app/place.ts';
import { onBoardsOf, withPiOptions, type BoardOnPiOptions } from './board-on-pi.ts';
import { withCrystalOption, type ConfirmationOptions } from './confirmation-options.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { withPresetOptions, type FlashCommandOptions } from './flash-options.ts';
import { registerExamine } from './examine-command.ts';
import { onStation } from './on-station.ts';
import { parseInterface } from './parse-interface.ts';
import { parsePort, requireBoard } from './port-argument.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';
import { requireBridgeOf, writeNode } from './write-node.ts';

interface NodesOptions extends StationOptions, BoardOnPiOptions {
  readonly bridge?: PlaceId;
  readonly interface: string;
}

interface FlashNodeOptions extends FlashCommandOptions, ConfirmationOptions, BoardOnPiOptions {
  readonly place: PlaceId;
  readonly image: string;
}

/** `canopus can nodes`, `canopus can flash` and `canopus can examine`. */
export function registerCan(program: Command, context: CliContext): void {
  const can = program
    .command('can')
    .description('nodes on the CAN bus of a bridge that is plugged in here, or of a Pi');
  withPiOptions(withStationOptions(can.command('nodes')))
    .description('ask a bus once which nodes have no node id; not while Klipper runs on it')
    .option('--bridge <port>', "the bridge's USB port here (default: the only bridge)", parsePort)
    .option('--interface <name>', 'with --pi: its CAN interface', parseInterface, 'can0')
    .action((options: NodesOptions) =>
      onStation(context, options, (io, client) =>
        options.pi === undefined ? listNodes(io, client, options) : listOnPi(io, client, options),
      ),
    );
  withCrystalOption(withPiOptions(withPresetOptions(can.command('flash'))))
    .description('write Klipper to a node through its Katapult, read it back and see it start')
    .requiredOption(
      '--place <place>',
      'the node, as "canopus can nodes" prints it: can:1-4.2/0e1a2b3c4d5e, pi:voron/can0/0e1a2b3c4d5e',
      parseNode,
    )
    .requiredOption('--image <file>', 'klipper.bin of a node, under any name')
    .action((options: FlashNodeOptions) =>
      onStation(context, { ...options, target: 'board' }, (io, client) =>
        onBoardsOf(io, client, { ...options, port: options.place }, () => flashNode(io, client, options)),
      ),
    );
  registerExamine(can, context);
}

async function listOnPi(io: CliIo, client: StationClient, options: NodesOptions): Promise<CliReport> {
  const interfaceName = options.interface;
  return await onBoardsOf(io, client, options, async (choice) => {
    if (typeof choice !== 'object')
      throw new InvalidArgumentError('--bridge is for a bridge that is plugged in here');
    const found = await client.call('can.nodes', { piId: choice.piId, interfaceName }, io);
    return { interface: interfaceName, ...showNodes(io, found, `on ${interfaceName}`) };
  });
}

async function listNodes(io: CliIo, client: StationClient, options: NodesOptions): Promise<CliReport> {
  const bridge = await requireBoard(io, client, options.bridge, ['can-bridge']);
  const found = await client.call('can.nodes', { bridge }, io);
  return { bridge: placeLabel(bridge), ...showNodes(io, found, `behind ${placeLabel(bridge)}`) };
}

type FoundNodes = StationOutput<'can.nodes'>;

function showNodes(io: CliIo, { nodes, duplicates, isClaimed }: FoundNodes, where: string): FoundNodes {
  for (const node of nodes) {
    const twin = duplicates.includes(node.canbusUuid) ? '  (two nodes replied as this one)' : '';
    io.emit({ type: 'node', ...node }, () => `${node.place}  ${node.application}${twin}`);
  }
  if (isClaimed) io.print('Nodes on this bus talk to a running Klipper: those it has claimed do not reply.');
  if (nodes.length === 0) io.print(`No node ${where} replied.`);
  return { nodes, duplicates, isClaimed };
}

async function flashNode(io: CliIo, client: StationClient, options: FlashNodeOptions): Promise<CliReport> {
  const { place, image } = options;
  const { importFile } = await import('./flash-images.ts');
  await requireBridgeOf(io, client, place);
  return await writeNode(io, client, options, { place, application: await importFile(client, image) });
}

function parseNode(text: string): PlaceId {
  const place = readPlace(text);
  if (place !== null && nodeAt(place) !== null) return place;
  throw new InvalidArgumentError('must be a node as "canopus can nodes" prints it: can:1-4.2/0e1a2b3c4d5e');
}
