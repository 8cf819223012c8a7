import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import type { FlashEvent, FlashReport } from '../../../app/flash/flash-event.ts';
import { flashNode, type NodeOrder } from '../../../app/flash/flash-node.ts';
import { followRun } from '../../../app/flash/follow-run.ts';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import { openGsUsb } from '../../../app/protocols/gs-usb/open-gs-usb.ts';
import type { CanLink } from '../../../app/transport/can-link.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import type { Toolhead } from '../../../main/sim/can/toolhead.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';

export const bridgeUuid = '6beb0175188a';
export const uuid = '44db3d634885';
export const applicationStart = 0x0800_8000;

type NodeInput = NonNullable<BoardInput['canNodes']>[number];

/** A bridge with these nodes behind it, reached over its USB as the product does. */
export class NodeRig implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly bench: VirtualBench;
  readonly events: FlashEvent[] = [];
  can!: CanLink;

  private constructor(nodes: readonly NodeInput[], more: Partial<BoardInput>) {
    const flash = [
      { address: 0x0800_0000, bytes: makeKatapultImage() },
      { address: applicationStart, bytes: makeKlipperImage() },
    ];
    const board = { id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1' } as const;
    const input = { ...board, flash, canNodes: [...nodes], ...more };
    this.bench = new VirtualBench({ boards: [input] }, { clock: this.clock });
  }

  static async open(nodes: readonly NodeInput[], more: Partial<BoardInput> = {}): Promise<NodeRig> {
    const rig = new NodeRig(nodes, more);
    await new Promise<void>((resolve) => {
      const stop = rig.bench.listen(({ type }) => {
        if (type !== 'attach') return;
        stop();
        resolve();
      });
    });
    rig.can = await openGsUsb(await rig.bench.devices.openUsb('1-1'), { clock: rig.clock });
    return rig;
  }

  get toolhead(): Toolhead {
    const [first] = this.bench.board('a').toolheads;
    if (first === undefined) throw new Error('there is no toolhead');
    return first;
  }

  async flash(bytes: Uint8Array, more: Partial<NodeOrder> = {}): Promise<FlashReport> {
    const image = { bytes, info: await this.clock.whileReal(inspectImage(bytes)) };
    const order: NodeOrder = {
      ...{ canbusUuid: uuid, bridgeUuid, clock: this.clock, image },
      ...{ board: unknownBoard, busBitrateBps: 1_000_000, ...more },
    };
    return followRun(flashNode(this.can, order), (event) => {
      this.events.push(event);
      this.onEvent?.(event);
    });
  }

  onEvent: ((event: FlashEvent) => void) | null = null;

  holds(bytes: Uint8Array): boolean {
    return Buffer.compare(this.toolhead.flash.read(applicationStart, bytes.length), bytes) === 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.bench[Symbol.asyncDispose]();
  }
}

/** Klipper for a node, 6 KiB by default. */
export function nodeImage(
  more: { seed?: number; size?: number; mcu?: McuName; bitrateBps?: number } = {},
): Uint8Array {
  return makeKlipperImage({ role: 'node', size: 6 * 1024, seed: 7, ...more });
}

export async function failureOf(work: Promise<unknown>): Promise<CanopusError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isCanopusError(error)) throw new Error('it did not fail with a code', { cause: error });
  return error;
}
