import { afterAll, beforeAll } from 'vitest';
import type { PiDevices } from '../../main/reach/pi/pi-devices.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { canLinkConformance } from '../conformance/can-link.ts';
import { virtualCanNode } from '../conformance/virtual-can-node.ts';
import { GuestBench } from './guest-bench.ts';
import { GuestSsh } from './guest-ssh.ts';
import type { Guest } from './guest/client.ts';
import { guestOfThisRun } from './this-run.ts';

const port = '1-1';

let guest: Guest;
let ssh: GuestSsh;
let guestBench: GuestBench<PiDevices>;
beforeAll(async () => {
  guest = await guestOfThisRun();
  ssh = await GuestSsh.start(guest);
  guestBench = await GuestBench.seenBy(await ssh.devices(), guest, {
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
}, 120_000);
afterAll(async () => {
  await guestBench[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
});

canLinkConformance('can0 over SSH', async () => {
  const bridge = guestBench.bench.board('bridge');
  bridge.plug();
  await guestBench.present(port, 'can-bridge');
  await guest.until('test -e /sys/class/net/can0');
  await guest.must('ip link set can0 down; ip link set can0 txqueuelen 128 up type can bitrate 1000000');
  const link = await guestBench.devices.openCan('can0');
  return {
    link,
    other: virtualCanNode(bridge.canBus),
    unplug: async () => {
      bridge.unplug();
      await guestBench.absent(port);
    },
    close: () => link.close(),
  };
});
