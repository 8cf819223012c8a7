import type { UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import type { Running } from '../../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';

export const someUid = '430014000A50534E4E313120';
export const flashStart = 0x08000000;
export const application = 0x08008000;

export const katapultImage = makeKatapultImage();
export const bridgeImage = makeKlipperImage();

/** A plugged F446 with 12 MHz on port 1-1, by default. */
export function board(fields: Partial<BoardInput> = {}): BoardInput {
  return { id: 'a', mcu: 'stm32f446xx', uid: someUid, port: '1-1', ...fields };
}

/** Flash with Katapult, or with Katapult and a bridge. */
export const withKatapult = [{ address: flashStart, bytes: katapultImage }];
export const withBridge = [...withKatapult, { address: application, bytes: bridgeImage }];

export function bench(...boards: BoardInput[]) {
  const clock = new VirtualClock();
  const virtual = new VirtualBench({ boards }, { clock });
  return { clock, bench: virtual, devices: virtual.devices };
}

/** Resolves when the board shows this. */
export async function untilRunning(virtual: VirtualBench, id: string, running: Running): Promise<void> {
  const shown = () => {
    const { running: now, device } = virtual.board(id);
    return now === running && (device !== null || running === 'silent' || running === 'off');
  };
  if (shown()) return;
  await new Promise<void>((resolve) => {
    const stop = virtual.listen(() => {
      if (!shown()) return;
      stop();
      resolve();
    });
  });
}

/** `attach 0483:df11 1-1` and so on, as they happen. */
export async function watched(virtual: VirtualBench): Promise<string[]> {
  const seen: string[] = [];
  await virtual.devices.watch((event) => seen.push(spelled(event)));
  return seen;
}

function spelled(event: UsbDeviceEvent): string {
  if (!('device' in event)) return `${event.type} ${event.portPath}`;
  const { vendorId, productId, portPath, tty } = event.device;
  const ids = [vendorId, productId].map((id) => id.toString(16).padStart(4, '0')).join(':');
  return `${event.type} ${ids} ${portPath}${tty === null ? '' : ` ${tty}`}`;
}
