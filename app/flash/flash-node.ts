import { CanopusError } from '../errors.ts';
import type { BoardExpectation } from '../image/board-expectation.ts';
import { findCrystalConflict } from '../image/check-crystal.ts';
import { checkImage } from '../image/check-image.ts';
import type { ImageDescription, ImageInfo } from '../image/image-info.ts';
import type { ConnectInfo } from '../protocols/katapult/answer.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { CanByteLink } from './can-byte-link.ts';
import type { FlashEvent, FlashRun } from './flash-event.ts';
import { readKatapultStatus } from './katapult-connect.ts';
import { flashWithKatapult } from './katapult-flasher.ts';
import { canLine } from './katapult-line.ts';
import { readOwnImage } from './katapult-own-image.ts';
import { openNode, type NodeOptions } from './open-node.ts';
import { startNode } from './start-node.ts';

export interface NodeOrder extends NodeOptions {
  readonly image: { readonly bytes: Uint8Array; readonly info: ImageInfo };
  readonly board: BoardExpectation;
  /** As a record of the bridge has it; null: unknown. */
  readonly busBitrateBps: number | null;
}

/**
 * Writes Klipper to a node through its Katapult over CAN, reads every block back, starts it and sees it reply on the bus.
 * Everything that can be checked is checked before the first block: a node that was cut short may need its buttons.
 *
 * Throws what `openNode`, `checkImage`, `flashWithKatapult` and `startNode` throw, `can/wrong-bitrate` and
 * `image/wrong-crystal`, each with the node's state.
 */
export async function* flashNode(can: CanLink, order: NodeOrder): FlashRun {
  const { image, clock, signal } = order;
  yield { type: 'phase', phase: 'connect', safeToStop: true };
  await using link = await openNode(can, order);
  yield { type: 'phase', phase: 'check', safeToStop: true };
  yield* checkNode(link, order);
  const report = yield* flashWithKatapult(link, image.bytes, {
    ...{ clock, signal, line: canLine, complete: false },
    expectedMcu: image.info.mcu,
    applicationAddress: image.info.applicationAddress,
  });
  await startNode(can, link, order);
  return report;
}

async function* checkNode(link: CanByteLink, order: NodeOrder): AsyncGenerator<FlashEvent, void, void> {
  const { image, board, clock, signal, busBitrateBps } = order;
  const status: ConnectInfo = await readKatapultStatus(link, { clock, signal });
  const { mcu, applicationAddress: applicationStart } = status;
  const node = { ...board, role: 'node' } as const;
  checkImage(image.info, node, { through: 'katapult', by: 'katapult', applicationStart, mcu });
  const own = await readOwnImage(link, { clock, signal, line: canLine });
  const conflict = own === null ? null : findCrystalConflict(own, image.info, board);
  if (conflict !== null)
    throw new CanopusError(conflict.code, conflict.message, conflict.details, { state: 'untouched' });
  const rate = bitrateOf(own) ?? busBitrateBps;
  const wanted = image.info.can?.bitrateBps ?? null;
  if (rate === null || wanted === null) {
    yield { type: 'note', text: unknownRate(wanted) };
  } else if (rate !== wanted) {
    const message = `The image sets the CAN bus to ${wanted} bit/s, but this bus has ${rate}.`;
    throw new CanopusError(
      'can/wrong-bitrate',
      message,
      { image: wanted, bus: rate },
      { state: 'untouched' },
    );
  }
}

function bitrateOf(own: ImageDescription | null): number | null {
  return own?.can?.bitrateBps ?? null;
}

function unknownRate(wanted: number | null): string {
  const image =
    wanted === null ? 'The image does not state its bit rate' : `The image is for ${wanted} bit/s`;
  return `${image}; whether the bus has that rate is unknown here.`;
}
