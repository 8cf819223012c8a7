import { KlipperBridge } from '../klipper/bridge.ts';
import type { Board } from '../board/board.ts';
import type { UsbFunction } from '../bus/usb-function.ts';
import type { VirtualBench } from '../virtual-bench.ts';
import type { CanAdapter } from './can-links.ts';
import type { VirtualPi } from './virtual-pi.ts';

/**
 * Plugs the bridges of a virtual bench into the ports of a virtual Pi, too, as if each board had a second cable.
 * Returns a function that unplugs them all.
 */
export function plugBridges(bench: VirtualBench, pi: VirtualPi): () => void {
  const plug = (board: Board, fn: UsbFunction): void => {
    if (fn instanceof KlipperBridge) pi.plug(adapterOf(board, fn));
  };
  for (const board of bench.boards) if (board.device !== null) plug(board, board.device.fn);
  return bench.listen((event) => {
    if (event.type === 'attach') plug(event.board, event.device.fn);
    else if (event.type === 'detach') pi.unplug(event.device.portPath);
  });
}

function adapterOf(board: Board, { softwareVersion }: KlipperBridge): CanAdapter {
  return {
    busPort: board.port,
    serial: board.uid,
    canbusUuid: board.canbusUuid,
    softwareVersion,
    // A toolhead that is written leaves the bus and comes back with another program.
    get nodes() {
      return board.toolheads.filter(({ application }) => application === 'klipper').map(({ uuid }) => uuid);
    },
    nodeVersion: (uuid) => board.toolheads.find((each) => each.uuid === uuid)?.softwareVersion ?? null,
    reset: () => board.reset(),
  };
}
