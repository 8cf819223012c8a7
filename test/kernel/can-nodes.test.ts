import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { CanopusRun } from './canopus.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const port = '1-1';
const application = 0x0800_8000;

/** An empty one, one whose Klipper a host has claimed, and one of another chip. */
const nodes = [
  { uuid: '44db3d634885', application: 'katapult', mcu: 'stm32f446xx' },
  { uuid: 'a396d68a95a3', application: 'klipper', mcu: 'stm32f446xx', claimedAs: 4 },
  { uuid: 'e7caf8297cd8', application: 'klipper', mcu: 'stm32f407xx' },
] as const;

let guest: Guest;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  bench = new VirtualBench(
    {
      boards: [
        {
          ...{ id: 'bridge', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port, enumerationMs: 5 },
          flash: [
            { address: 0x0800_0000, bytes: makeKatapultImage() },
            { address: application, bytes: makeKlipperImage() },
          ],
          canNodes: [...nodes],
        },
      ],
    },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
  await guest.until('ls /sys/class/net | grep -q can');
});
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const interfaces = async (): Promise<string> => guest.must('ls /sys/class/net');

it('lists the nodes behind a bridge that the kernel has as can0', async () => {
  const { exitCode, last } = await new CanopusRun(guest, 'can nodes').result();
  expect(last).toMatchObject({ type: 'report', bridge: port });
  const places = [nodes[0], nodes[2]].map(({ uuid }) => `can:${port}/${uuid}`);
  const found = (last as unknown as { nodes: { place: string }[] }).nodes.map(({ place }) => place);
  expect(found.toSorted()).toEqual(places.toSorted());
  expect(exitCode).toBe(0);
});

it.each(nodes)('writes $uuid over libusb, sees it reply, and gives can0 back', async ({ uuid, mcu }) => {
  const image = makeKlipperImage({ mcu, role: 'node', size: 4096, seed: 5 });
  const file = `node-${uuid}.bin`;
  await writeFile(path.join(guest.address.shareDir, file), image);
  const run = new CanopusRun(guest, `can flash --place can:${port}/${uuid} --image ${guestShareDir}/${file}`);
  const { exitCode, last } = await run.result();
  expect(last, JSON.stringify(last)).toMatchObject({
    type: 'report',
    state: 'running-node',
    bytesVerified: image.length,
  });
  expect(exitCode).toBe(0);
  const node = bench.board('bridge').toolheads.find((each) => each.uuid === uuid);
  expect(Buffer.compare(node?.flash.read(application, image.length) ?? Buffer.alloc(0), image)).toBe(0);
  expect(node?.application).toBe('klipper');
  await guest.until('ls /sys/class/net | grep -q can');
  expect(await interfaces()).toContain('can');
});

it('leaves a can0 that works: a query over it finds the nodes that were written', async () => {
  const [can = ''] = (await interfaces()).split('\n').filter((name) => name.startsWith('can'));
  await guest.must(`ip link set ${can} up type can bitrate 1000000`);
  const seen = await guest.must(
    `candump -T 1500 -L ${can},3F1:7FF > /tmp/nodes & sleep 0.3; cansend ${can} 3F0#00; wait; cat /tmp/nodes`,
  );
  for (const { uuid } of nodes) expect(seen).toContain(`3F1#20${uuid.toUpperCase()}01`);
  await guest.must(`ip link set ${can} down`);
});
