import type { PortPath } from '../../app/place.ts';
import type { DeviceAccess } from '../../main/devices/device-access.ts';
import type { BenchInput } from '../../main/sim/bench-config.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { byteLinkConformance } from '../conformance/byte-link.ts';
import { usbLinkConformance } from '../conformance/usb-link.ts';
import type { GuestBench } from './guest-bench.ts';

const dfuPort = '1-1';
export const katapultPort = '1-2';
const flashStart = 0x0800_0000;

/** One board in ROM DFU and one in Katapult. */
export const linkedBoards: BenchInput = {
  // The emulated guest needs a good part of a real erase to ask the next question.
  timeScale: 8,
  boards: [
    {
      ...{ id: 'dfu', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: dfuPort },
      ...{ boot0: true, enumerationMs: 5 },
    },
    {
      ...{ id: 'katapult', mcu: 'stm32f446xx', uid: '39001B000C51313339373836', port: katapultPort },
      enumerationMs: 5,
      flash: [{ address: flashStart, bytes: Uint8Array.from(makeKatapultImage()) }],
    },
  ],
};

type Opened = () => GuestBench<DeviceAccess>;

/** Off and on, even if the cable was pulled: the device that replies afterwards has no past. */
export function powerCycle({ bench }: GuestBench<DeviceAccess>, id: string): void {
  const board = bench.board(id);
  board.setPower(false);
  board.plug();
  board.setPower(true);
}

/** Holds the links to these boards to the suites of `UsbLink` and `ByteLink`. */
export function linkConformance(
  names: { readonly usb: string; readonly bytes: string },
  opened: Opened,
): void {
  const unplug = (id: string, port: PortPath) => async (): Promise<void> => {
    opened().bench.board(id).unplug();
    await opened().absent(port);
  };
  usbLinkConformance(names.usb, {
    async openDfu() {
      const guestBench = opened();
      // An erased sector would be erased in no time.
      guestBench.bench.board('dfu').flash.load(flashStart + 0x3000, new Uint8Array(16));
      powerCycle(guestBench, 'dfu');
      await guestBench.present(dfuPort, 'dfu');
      return { link: await guestBench.devices.openUsb(dfuPort), unplug: unplug('dfu', dfuPort) };
    },
    async openKatapult() {
      const guestBench = opened();
      powerCycle(guestBench, 'katapult');
      await guestBench.present(katapultPort, 'katapult');
      const link = await guestBench.devices.openUsb(katapultPort);
      return { link, unplug: unplug('katapult', katapultPort) };
    },
  });
  byteLinkConformance(names.bytes, async () => {
    const guestBench = opened();
    powerCycle(guestBench, 'katapult');
    await guestBench.present(katapultPort, 'katapult');
    const link = await guestBench.devices.openSerial(katapultPort);
    return { link, unplug: unplug('katapult', katapultPort) };
  });
}
