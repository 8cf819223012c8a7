import type { PortPath } from '../../app/place.ts';
import { afterAll, beforeAll } from 'vitest';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { byteLinkConformance } from '../conformance/byte-link.ts';
import { usbLinkConformance } from '../conformance/usb-link.ts';
import { GuestBench } from './guest-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const dfuPort = '1-1';
const katapultPort = '1-2';
const flashStart = 0x0800_0000;

let guestBench: GuestBench;
beforeAll(async () => {
  guestBench = await GuestBench.open(await guestOfThisRun(), {
    // The emulated guest needs a good part of a real erase to ask the next question.
    timeScale: 8,
    boards: [
      {
        id: 'dfu',
        mcu: 'stm32f446xx',
        uid: '430014000A50534E4E313120',
        port: dfuPort,
        boot0: true,
        enumerationMs: 5,
      },
      {
        id: 'katapult',
        mcu: 'stm32f446xx',
        uid: '39001B000C51313339373836',
        port: katapultPort,
        enumerationMs: 5,
        flash: [{ address: flashStart, bytes: Uint8Array.from(makeKatapultImage()) }],
      },
    ],
  });
});
afterAll(() => guestBench[Symbol.asyncDispose]());

/** Off and on, even if the cable was pulled: the device that replies afterwards has no past. */
function powerCycle(id: string): void {
  const board = guestBench.bench.board(id);
  board.setPower(false);
  board.plug();
  board.setPower(true);
}

const unplug = (id: string, port: PortPath) => async (): Promise<void> => {
  guestBench.bench.board(id).unplug();
  await guestBench.absent(port);
};

usbLinkConformance('libusb on Linux', {
  async openDfu() {
    // An erased sector would be erased in no time.
    guestBench.bench.board('dfu').flash.load(flashStart + 0x3000, new Uint8Array(16));
    powerCycle('dfu');
    await guestBench.present(dfuPort, 'dfu');
    return { link: await guestBench.devices.openUsb(dfuPort), unplug: unplug('dfu', dfuPort) };
  },
  async openKatapult() {
    powerCycle('katapult');
    await guestBench.present(katapultPort, 'katapult');
    return { link: await guestBench.devices.openUsb(katapultPort), unplug: unplug('katapult', katapultPort) };
  },
});

byteLinkConformance('cdc_acm on Linux', async () => {
  powerCycle('katapult');
  await guestBench.present(katapultPort, 'katapult');
  return {
    link: await guestBench.devices.openSerial(katapultPort),
    unplug: unplug('katapult', katapultPort),
  };
});
