import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGsUsb } from '../../app/protocols/gs-usb/open-gs-usb.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { systemClock } from '../../main/system-clock.ts';
import { canLinkConformance } from '../conformance/can-link.ts';
import { virtualCanNode } from '../conformance/virtual-can-node.ts';
import { GuestBench } from './guest-bench.ts';
import type { Guest } from './guest/client.ts';
import { guestOfThisRun } from './this-run.ts';

const port = '1-1';

let guest: Guest;
let guestBench: GuestBench;
beforeAll(async () => {
  guest = await guestOfThisRun();
  guestBench = await GuestBench.open(guest, {
    boards: [
      {
        ...{ id: 'bridge', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port, enumerationMs: 5 },
        flash: [
          { address: 0x0800_0000, bytes: Uint8Array.from(makeKatapultImage()) },
          { address: 0x0800_8000, bytes: Uint8Array.from(makeKlipperImage()) },
        ],
      },
    ],
  });
});
afterAll(() => guestBench[Symbol.asyncDispose]());

/** Klipper's bridge as the guest's libusb opens it, while its gs_usb driver is there, too. */
async function open() {
  const bridge = guestBench.bench.board('bridge');
  bridge.plug();
  await guestBench.present(port, 'can-bridge');
  const usb = await guestBench.devices.openUsb(port);
  const link = await openGsUsb(usb, { clock: systemClock });
  return {
    link,
    other: virtualCanNode(bridge.canBus),
    unplug: async () => {
      bridge.unplug();
      await guestBench.absent(port);
    },
    close: async () => {
      await link.close();
      await usb.close();
    },
  };
}

canLinkConformance('gs_usb over libusb on Linux', open);

it('takes the bridge from the driver of the kernel, and gives it back: can0 is there again', async () => {
  const { link, close } = await open();
  expect(await guest.must('ls /sys/class/net')).not.toContain('can');
  await close();
  expect(link.label).not.toBe('');
  await guest.until('ls /sys/class/net | grep -q can');
});
