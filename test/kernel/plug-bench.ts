import type { AttachedDevice } from '../../main/sim/bus/attached-device.ts';
import { serveUsbIp } from '../../main/sim/usbip/usbip-server.ts';
import type { VirtualBench } from '../../main/sim/virtual-bench.ts';
import type { Guest } from './guest/client.ts';

/** The cables between a virtual bench in this process and the kernel of the guest. */
export interface PluggedBench extends AsyncDisposable {
  /** Resolves when the guest's kernel has this device, or the device has left meanwhile. */
  attached(device: AttachedDevice): Promise<void>;
}

/**
 * Plugs every board of the bench into the guest, again each time that it shows itself anew. A board on the bench's
 * port `1-N` appears on the guest's port `1-N`.
 */
export async function plugBench(
  guest: Pick<Guest, 'attach' | 'detach'>,
  bench: VirtualBench,
): Promise<PluggedBench> {
  const server = await serveUsbIp(() => bench.boards.flatMap(({ device }) => device ?? []));
  const attachments = new WeakMap<AttachedDevice, Promise<void>>();
  /** The last thing that happened to each slot. */
  const slots = new Map<number, Promise<void>>();
  const failures: unknown[] = [];

  const attach = (device: AttachedDevice): void => {
    const slot = slotOf(device.portPath);
    const before = slots.get(slot) ?? Promise.resolve();
    const attachment = before
      .then(async () => {
        // It may have left while the kernel was busy with what was there before, or be in the guest already: an import
        // names the port, so that of a device that left at once got the one that came after it.
        if (device.attached && device.owner === null) await guest.attach(slot, device.portPath, server.port);
      })
      .catch((error: unknown) => {
        if (device.attached) failures.push(error);
      });
    attachments.set(device, attachment);
    slots.set(slot, attachment);
  };
  const stop = bench.listen((event) => {
    if (event.type === 'attach') attach(event.device);
  });
  for (const { device } of bench.boards) if (device) attach(device);

  return {
    attached: (device) => attachments.get(device) ?? Promise.resolve(),
    async [Symbol.asyncDispose]() {
      stop();
      await Promise.all(slots.values());
      await server[Symbol.asyncDispose]();
      for (const slot of slots.keys()) await guest.detach(slot);
      if (failures.length > 0)
        throw new AggregateError(failures, 'boards could not be attached to the guest');
    },
  };
}

/** Port N of the guest's first virtual hub is slot N - 1. */
function slotOf(portPath: string): number {
  const port = /^1-(\d+)$/.exec(portPath)?.[1];
  if (port === undefined) throw new Error(`the guest has no port ${portPath}: use 1-1 to 1-8`);
  return Number(port) - 1;
}
