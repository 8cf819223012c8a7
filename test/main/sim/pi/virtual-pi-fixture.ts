import { configPath } from '../../../../main/sim/pi/pi-flavours.ts';
import type { CanAdapter } from '../../../../main/sim/pi/can-links.ts';
import type { VirtualPi } from '../../../../main/sim/pi/virtual-pi.ts';

export const canbusUuid = '6beb0175188a';

/** A bridge that is never reset. */
export function adapter(changes: Partial<CanAdapter> = {}): CanAdapter {
  return {
    busPort: '1-1',
    serial: '430014000A50534E4E313120',
    canbusUuid,
    softwareVersion: 'v0.13.0',
    nodes: [],
    reset: () => undefined,
    ...changes,
  };
}

/** Somebody set the Pi up by hand: the bridge is plugged in, and Klipper is ready with it. */
export function readyConfig(pi: VirtualPi): void {
  pi.tree.write(configPath, `[mcu]\ncanbus_uuid: ${canbusUuid}\n`);
  pi.plug(adapter());
  pi.links.setBitrate('can0', 1_000_000);
  pi.links.setUp('can0', true);
  pi.klipper.stop();
  pi.klipper.start();
}
