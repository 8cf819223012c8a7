import type { Board } from '../../main/sim/board/board.ts';
import type { AttachedDevice } from '../../main/sim/bus/attached-device.ts';
import { serveUsbIp } from '../../main/sim/usbip/usbip-server.ts';
import type { VirtualBench } from '../../main/sim/virtual-bench.ts';
import type { Guest } from './guest/client.ts';

/** The cables between a virtual bench in this process and the kernel of the guest. */
export interface PluggedBench extends AsyncDisposable {
  readonly port: number;
}

/**
 * Plugs every board of the bench into the guest, again each time that it shows itself anew. A board on the bench's
 * port `1-N` appears on the guest's port `1-N`.
 */
export async function plugBench(guest: Guest, bench: VirtualBench): Promise<PluggedBench> {
  const server = await serveUsbIp(() => bench.boards.flatMap(({ device }) => device ?? []));
  const failures: unknown[] = [];
  const attaching = new Map<number, Promise<void>>();

  const attach = (board: Board, device: AttachedDevice): void => {
    const slot = slotOf(device.portPath);
    const before = attaching.get(slot) ?? Promise.resolve();
    const attached = before
      .then(async () => {
        // It may have left while the kernel was busy with what was there before, or be in the guest already: an import
        // names the port, so that of a device that left at once got the one that came after it.
        if (board.device !== device || isTaken(device)) return;
        await guest.attach(slot, device.portPath, server.port);
      })
      .catch((error: unknown) => {
        if (board.device === device) failures.push(error);
      });
    attaching.set(slot, attached);
  };
  const stop = bench.listen((event) => {
    if (event.type === 'attach') attach(event.board, event.device);
  });
  for (const board of bench.boards) if (board.device) attach(board, board.device);

  return {
    port: server.port,
    async [Symbol.asyncDispose]() {
      stop();
      await Promise.all(attaching.values());
      await server[Symbol.asyncDispose]();
      for (const slot of attaching.keys()) await guest.detach(slot);
      if (failures.length > 0)
        throw new AggregateError(failures, 'boards could not be attached to the guest');
    },
  };
}

function isTaken(device: AttachedDevice): boolean {
  if (!device.claim('kernel test')) return true;
  device.release();
  return false;
}

/** Port N of the guest's first virtual hub is slot N - 1. */
function slotOf(portPath: string): number {
  const port = /^1-(\d+)$/.exec(portPath)?.[1];
  if (port === undefined) throw new Error(`the guest has no port ${portPath}: use 1-1 to 1-8`);
  return Number(port) - 1;
}
