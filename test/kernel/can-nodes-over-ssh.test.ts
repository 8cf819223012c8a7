import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { GuestSsh } from './guest-ssh.ts';
import type { Guest } from './guest/client.ts';
import { CanopusHere } from './canopus-here.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const application = 0x0800_8000;
const piId = '127-0-0-1';

/** An empty one, one whose Klipper a host has claimed, and one of another chip. */
const nodes = [
  { uuid: '44db3d634885', application: 'katapult', mcu: 'stm32f446xx' },
  { uuid: 'a396d68a95a3', application: 'klipper', mcu: 'stm32f446xx', claimedAs: 4 },
  { uuid: 'e7caf8297cd8', application: 'klipper', mcu: 'stm32f407xx' },
] as const;

let guest: Guest;
let ssh: GuestSsh;
let bench: VirtualBench;
let plugged: PluggedBench;
let canopus: CanopusHere;

beforeAll(async () => {
  guest = await guestOfThisRun();
  ssh = await GuestSsh.start(guest);
  const folder = await mkdtemp(path.join(tmpdir(), 'canopus-nodes-over-ssh-'));
  canopus = new CanopusHere(folder, await ssh.options());
  bench = new VirtualBench(
    {
      boards: [
        {
          ...{
            id: 'bridge',
            mcu: 'stm32f446xx',
            uid: '430014000A50534E4E313120',
            port: '1-1',
            enumerationMs: 5,
          },
          flash: [
            { address: 0x0800_0000, bytes: Uint8Array.from(makeKatapultImage()) },
            { address: application, bytes: Uint8Array.from(makeKlipperImage()) },
          ],
          canNodes: [...nodes],
        },
      ],
    },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
  await guest.until('test -e /sys/class/net/can0');
}, 180_000);
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
  await rm(canopus.folder, { recursive: true, force: true });
});

describe('nodes on can0 of a Pi', { concurrent: false }, () => {
  it('are not asked for while can0 is down, and the reason is named', async () => {
    const last = await canopus.last(['can', 'nodes']);
    expect(last).toMatchObject({ type: 'error', code: 'can/interface-down', state: 'untouched' });
  });

  it('are listed without the bridge', async () => {
    await guest.must('ip link set can0 up txqueuelen 128 type can bitrate 1000000');
    const last = await canopus.last(['can', 'nodes']);
    expect(last).toMatchObject({ type: 'report', interface: 'can0' });
    const found = (last['nodes'] as { place: string }[]).map(({ place }) => place);
    expect(found.toSorted()).toEqual(
      [nodes[0], nodes[2]].map(({ uuid }) => `pi:${piId}/can0/${uuid}`).toSorted(),
    );
  });

  it('are listed with the boards of the Pi', async () => {
    const last = await canopus.last(['boards', '--nodes']);
    const placesIn = (list: string): string[] =>
      (last[list] as { place: string }[]).map(({ place }) => place).toSorted();
    expect(placesIn('boards')).toEqual([expect.stringMatching(new RegExp(`^pi:${piId}/usb:`))]);
    expect(placesIn('nodes')).toEqual(
      [nodes[0], nodes[2]].map(({ uuid }) => `pi:${piId}/can0/${uuid}`).toSorted(),
    );
  });

  it('are examined: what they reply is counted, claimed or not, and they are reset', async () => {
    const [empty, claimed, free] = nodes;
    const named = `mcu EBB=${claimed.uuid}`;
    const last = await canopus.last(['can', 'examine', '--node', named]);
    expect(last).toMatchObject({
      type: 'report',
      duplicates: [],
      others: expect.arrayContaining([free.uuid]) as unknown,
    });
    const seen = (last['nodes'] as { name: string; state: string; reset: string }[]).map(
      ({ name, state, reset }) => `${name}: ${state}, ${reset}`,
    );
    expect(seen.toSorted()).toEqual(
      [
        'bridge: replies, no',
        'mcu EBB: replies, back',
        `${empty.uuid}: katapult, no`,
        `${free.uuid}: replies, back`,
      ].toSorted(),
    );
  });

  it.each(nodes)('$uuid is written over can0 and seen to reply', async ({ uuid, mcu }) => {
    const image = makeKlipperImage({ mcu, role: 'node', size: 4096, seed: 5 });
    const file = path.join(canopus.folder, `node-${uuid}.bin`);
    await writeFile(file, image);
    const place = `pi:${piId}/can0/${uuid}`;
    const last = await canopus.last(['can', 'flash', '--place', place, '--image', file]);
    expect(last, JSON.stringify(last)).toMatchObject({
      type: 'report',
      state: 'running-node',
      bytesVerified: image.length,
    });
    const node = bench.board('bridge').toolheads.find((each) => each.uuid === uuid);
    expect(Buffer.compare(node?.flash.read(application, image.length) ?? Buffer.alloc(0), image)).toBe(0);
    expect(node?.application).toBe('klipper');
    expect((await guest.must(`pgrep -fc '^python3 -ISc' || true`)).trim()).toBe('0');
  });
});
