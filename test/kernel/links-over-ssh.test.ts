import type { PortPath } from '../../app/place.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentClient } from '../../main/reach/pi/agent-client.ts';
import { startAgentOverSsh } from '../../main/reach/pi/agent-over-ssh.ts';
import { PiDevices } from '../../main/reach/pi/pi-devices.ts';
import type { SshShell } from '../../main/shell/ssh/ssh-shell.ts';
import type { BenchInput } from '../../main/sim/bench-config.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { systemClock } from '../../main/system-clock.ts';
import { byteLinkConformance } from '../conformance/byte-link.ts';
import { usbLinkConformance } from '../conformance/usb-link.ts';
import { GuestBench } from './guest-bench.ts';
import { GuestSsh } from './guest-ssh.ts';
import type { Guest } from './guest/client.ts';
import { guestOfThisRun } from './this-run.ts';

const dfuPort = '1-1';
const katapultPort = '1-2';
const flashStart = 0x0800_0000;

let guest: Guest;
let ssh: GuestSsh;
let shell: SshShell;
let guestBench: GuestBench<PiDevices>;

beforeAll(async () => {
  guest = await guestOfThisRun();
  ssh = await GuestSsh.start(guest);
  shell = await ssh.logIn();
  const client = await AgentClient.open(await startAgentOverSsh(shell), systemClock);
  const devices = new PiDevices({ client, asRoot: null });
  const input: BenchInput = {
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
  // The emulated guest needs a good part of a real erase to ask the next question.
  guestBench = await GuestBench.seenBy(devices, guest, input, 8);
}, 120_000);
afterAll(async () => {
  await guestBench[Symbol.asyncDispose]();
  await shell[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
});

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

usbLinkConformance('usbfs over SSH', {
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

byteLinkConformance('cdc_acm over SSH', async () => {
  powerCycle('katapult');
  await guestBench.present(katapultPort, 'katapult');
  return {
    link: await guestBench.devices.openSerial(katapultPort),
    unplug: unplug('katapult', katapultPort),
  };
});

it('gives the serial port back to cdc_acm when the USB device is closed', async () => {
  powerCycle('katapult');
  const { tty } = await guestBench.present(katapultPort, 'katapult');
  const link = await guestBench.devices.openUsb(katapultPort);
  await link.claimInterface(1);
  await guest.until(`! test -e ${tty ?? ''}`);
  await link.close();
  await guest.until(`test -e ${tty ?? ''}`);
  expect((await guestBench.present(katapultPort, 'katapult')).tty).toMatch(/^\/dev\/ttyACM\d+$/);
});
