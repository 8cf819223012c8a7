import { InvalidArgumentError, type Command } from 'commander';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { bridgedNode, placeLabel, readPlace, type PlaceId } from '../../../app/place.ts';
import { withCrystalOption, type ConfirmationOptions } from './confirmation-options.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { orderOf, withPresetOptions, type FlashCommandOptions } from './flash-options.ts';
import { onStation } from './on-station.ts';
import { parsePort, requireBoard } from './port-argument.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';

interface NodesOptions extends StationOptions {
  readonly bridge?: PlaceId;
}

interface FlashNodeOptions extends FlashCommandOptions, ConfirmationOptions {
  readonly place: PlaceId;
  readonly image: string;
}

/** `canopus can nodes` and `canopus can flash`. */
export function registerCan(program: Command, context: CliContext): void {
  const can = program.command('can').description('nodes on the CAN bus of a bridge that is plugged in here');
  withStationOptions(can.command('nodes'))
    .description('ask a bus once which nodes have no node id; not while Klipper runs on it')
    .option('--bridge <port>', "the bridge's USB port (default: the only bridge)", parsePort)
    .action((options: NodesOptions) =>
      onStation(context, options, (io, client) => listNodes(io, client, options)),
    );
  withCrystalOption(withPresetOptions(can.command('flash')))
    .description('write Klipper to a node through its Katapult, read it back and see it start')
    .requiredOption(
      '--place <place>',
      'the node, as "canopus can nodes" prints it: can:1-4.2/0e1a2b3c4d5e',
      parseNode,
    )
    .requiredOption('--image <file>', 'klipper.bin of a node, under any name')
    .action((options: FlashNodeOptions) =>
      onStation(context, { ...options, target: 'board' }, (io, client) => flashNode(io, client, options)),
    );
}

async function listNodes(io: CliIo, client: StationClient, options: NodesOptions): Promise<CliReport> {
  const bridge = await requireBoard(io, client, options.bridge, ['can-bridge']);
  const { nodes, duplicates, isClaimed } = await client.call('can.nodes', { bridge }, io);
  for (const node of nodes) {
    const twin = duplicates.includes(node.canbusUuid) ? '  (two nodes replied as this one)' : '';
    io.emit({ type: 'node', ...node }, () => `${node.place}  ${node.application}${twin}`);
  }
  if (isClaimed) io.print('Nodes on this bus talk to a running Klipper: those it has claimed do not reply.');
  if (nodes.length === 0) io.print(`No node behind ${placeLabel(bridge)} replied.`);
  return { bridge: placeLabel(bridge), nodes, duplicates, isClaimed };
}

async function flashNode(io: CliIo, client: StationClient, options: FlashNodeOptions): Promise<CliReport> {
  const { place, image } = options;
  const [{ importFile }, { followFlash }] = await Promise.all([
    import('./flash-images.ts'),
    import('./follow-flash.ts'),
  ]);
  const images = { bootloader: null, application: await importFile(client, image) };
  const bridge = bridgedNode(place)?.bridge;
  if (bridge !== undefined) await requireBoard(io, client, bridge, ['can-bridge']);
  const { jobId } = await client.call('flash.start', { place, images, ...(await orderOf(client, options)) });
  const { written, mcu, canbusUuid } = await followFlash(io, client, jobId, 'flash-board');
  const wasThere = written.application?.bytesWritten === 0;
  io.print(
    `\nDone. ${wasThere ? 'The image was already there, and every byte was read back.' : 'Every byte was read back.'} Klipper on ${canbusUuid ?? ''} replies on the bus.`,
  );
  return { place, state: 'running-node', mcu, canbusUuid, ...written.application };
}

function parseNode(text: string): PlaceId {
  const place = readPlace(text);
  if (place !== null && bridgedNode(place) !== null) return place;
  throw new InvalidArgumentError('must be a node as "canopus can nodes" prints it: can:1-4.2/0e1a2b3c4d5e');
}
