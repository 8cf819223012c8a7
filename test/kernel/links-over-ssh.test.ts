import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PiDevices } from '../../main/reach/pi/pi-devices.ts';
import { GuestBench } from './guest-bench.ts';
import { GuestSsh } from './guest-ssh.ts';
import type { Guest } from './guest/client.ts';
import { katapultPort, linkConformance, linkedBoards, powerCycle } from './linked-boards.ts';
import { guestOfThisRun } from './this-run.ts';

let guest: Guest;
let ssh: GuestSsh;
let guestBench: GuestBench<PiDevices>;

beforeAll(async () => {
  guest = await guestOfThisRun();
  ssh = await GuestSsh.start(guest);
  guestBench = await GuestBench.seenBy(await ssh.devices(), guest, linkedBoards);
}, 120_000);
afterAll(async () => {
  await guestBench[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
});

linkConformance({ usb: 'usbfs over SSH', bytes: 'cdc_acm over SSH' }, () => guestBench);

it('gives the serial port back to cdc_acm when the USB device is closed', async () => {
  powerCycle(guestBench, 'katapult');
  const { tty } = await guestBench.present(katapultPort, 'katapult');
  const link = await guestBench.devices.openUsb(katapultPort);
  await link.claimInterface(1);
  await guest.until(`! test -e ${tty ?? ''}`);
  await link.close();
  await guest.until(`test -e ${tty ?? ''}`);
  expect((await guestBench.present(katapultPort, 'katapult')).tty).toMatch(/^\/dev\/ttyACM\d+$/);
});
