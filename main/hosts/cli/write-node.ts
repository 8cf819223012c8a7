import type { StationClient } from '../../../app/contract/station-contract.ts';
import { bridgedNode, nodeAt, type PlaceId } from '../../../app/place.ts';
import type { ConfirmationOptions } from './confirmation-options.ts';
import type { CliIo, CliReport } from './context.ts';
import { orderOf, type FlashCommandOptions } from './flash-options.ts';
import type { BoardChoice } from './board-on-pi.ts';
import { requireBoard } from './port-argument.ts';

/** The node that a command was given as its place; null for a board on a USB port. */
export function nodeOf(choice: BoardChoice): PlaceId | null {
  return typeof choice === 'string' && nodeAt(choice) !== null ? choice : null;
}

/** Throws what `requireBoard` throws if the bridge to a node is not plugged in here. */
export async function requireBridgeOf(io: CliIo, client: StationClient, place: PlaceId): Promise<void> {
  const bridge = bridgedNode(place)?.bridge;
  if (bridge !== undefined) await requireBoard(io, client, bridge, ['can-bridge']);
}

/** Writes Klipper, by its key in the station's cache, to the node at a place, and says how it ended. */
export async function writeNode(
  io: CliIo,
  client: StationClient,
  options: FlashCommandOptions & ConfirmationOptions,
  { place, application }: { readonly place: PlaceId; readonly application: string | null },
): Promise<CliReport> {
  const { followFlash } = await import('./follow-flash.ts');
  await requireBridgeOf(io, client, place);
  const images = { bootloader: null, application };
  const { jobId } = await client.call('flash.start', { place, images, ...(await orderOf(client, options)) });
  const { written, mcu, canbusUuid } = await followFlash(io, client, jobId, 'flash-board');
  const wasThere = written.application?.bytesWritten === 0;
  io.print(
    `\nDone. ${wasThere ? 'The image was already there, and every byte was read back.' : 'Every byte was read back.'} Klipper on ${canbusUuid ?? ''} replies on the bus.`,
  );
  return { place, state: 'running-node', mcu, canbusUuid, ...written.application };
}
