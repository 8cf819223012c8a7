import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import type { Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const port = '1-1';
const uid = '430014000A50534E4E313120';
const toolhead = '0d1445047cdd';

let guest: Guest;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  bench = new VirtualBench(
    {
      boards: [
        {
          ...{ id: 'bridge', mcu: 'stm32f446xx', uid, port, enumerationMs: 5 },
          flash: [
            { address: 0x0800_0000, bytes: Uint8Array.from(makeKatapultImage()) },
            { address: 0x0800_8000, bytes: Uint8Array.from(makeKlipperImage()) },
          ],
          canNodes: [{ uuid: toolhead, application: 'katapult' }],
        },
      ],
    },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
  await guest.until('test -e /sys/class/net/can0');
});
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Queries the bus and collects replies for a second (Klipper's CANBUS_protocol.md, admin messages). */
const query = `/usr/bin/python3 -c '
import can, time
bus = can.Bus(interface="socketcan", channel="can0")
bus.send(can.Message(arbitration_id=0x3f0, data=[0x00], is_extended_id=False))
end = time.monotonic() + 2
while time.monotonic() < end:
    message = bus.recv(0.2)
    if message is not None and message.arbitration_id == 0x3f1 and message.data[0] == 0x20:
        print(message.data[1:7].hex(), message.data[7])
bus.shutdown()
'`;

async function answers(): Promise<readonly string[]> {
  return (await guest.must(query)).trim().split('\n').sort();
}

const everybody = [`${canbusUuid(uid)} 1`, `${toolhead} 17`].sort();

describe('the virtual bridge under the gs_usb driver of the kernel', () => {
  it('comes up as can0 with the configured bit rate', async () => {
    await guest.must('ip link set can0 up type can bitrate 1000000 && ip link set can0 txqueuelen 128');
    const [link] = JSON.parse(await guest.must('ip -d -j link show can0')) as [
      { operstate: string; txqlen: number; linkinfo: { info_data: { bittiming: { bitrate: number } } } },
    ];
    expect(link).toMatchObject({
      txqlen: 128,
      linkinfo: { info_data: { bittiming: { bitrate: 1_000_000 } } },
    });
  });

  it('replies to a query with the UUID that follows from its chip, and so does the node behind it', async () => {
    expect(await answers()).toEqual(everybody);
  });

  it('is gone after a reset of the board, and replies again once it is up', async () => {
    const before = await guest.must('cat /sys/class/net/can0/ifindex');
    bench.board('bridge').reset();
    await guest.until(`test "$(cat /sys/class/net/can0/ifindex)" -gt ${before.trim()}`);
    expect(await guest.must('cat /sys/class/net/can0/operstate')).toBe('down\n');
    await guest.must('ip link set can0 up type can bitrate 1000000');
    expect(await answers()).toEqual(everybody);
  });

  it('restarts into Katapult when an admin frame asks for it', async () => {
    await guest.must(`cansend can0 3F0#02${canbusUuid(uid)}`);
    await guest.until(`test -c /dev/serial/by-id/usb-katapult_stm32f446xx_${uid}-if00`);
  });
});
