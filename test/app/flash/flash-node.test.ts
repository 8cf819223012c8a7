import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import type { CanFrame, CanLink } from '../../../app/transport/can-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { bridgeUuid, failureOf, nodeImage, NodeRig, uuid } from './node-rig.ts';

const katapult = { uuid, application: 'katapult' } as const;
const klipper = { uuid, application: 'klipper' } as const;
const other = { uuid: 'e7caf8297cd8', application: 'klipper', mcu: 'stm32f407xx' } as const;
/** A silent node must be named within this time. */
const patienceMs = 6000;

describe('a node on CAN', () => {
  it.each([
    ['an empty one in Katapult', katapult],
    ['one whose Klipper runs', klipper],
    ['one whose Klipper a host has claimed', { ...klipper, claimedAs: 4 }],
  ])('%s is written, read back, started and seen on the bus', async (_, node) => {
    await using rig = await NodeRig.open([node, other]);
    // Longer than the first sector of the application.
    const image = nodeImage({ size: 17 * 1024 });
    const report = await rig.flash(image);
    expect(rig.holds(image)).toBe(true);
    expect(report).toMatchObject({ bytesWritten: image.length, bytesVerified: image.length });
    expect(rig.toolhead.application).toBe('klipper');
  });

  it('is left as it is if its flash already holds the image: nothing is erased', async () => {
    await using rig = await NodeRig.open([katapult]);
    const image = nodeImage();
    rig.toolhead.flash.load(0x0800_8000, image);
    const before = [...rig.toolhead.flash.eraseCounts];
    expect(await rig.flash(image)).toMatchObject({
      bytesWritten: 0,
      bytesVerified: image.length,
      sectorsErased: 0,
    });
    expect(rig.toolhead.flash.eraseCounts).toEqual(before);
    expect(rig.toolhead.application).toBe('klipper');
  });

  it('gets a new image although only bytes in its middle differ', async () => {
    await using rig = await NodeRig.open([katapult]);
    const image = nodeImage();
    const old = image.slice();
    old[image.length / 2] = (old[image.length / 2] ?? 0) ^ 0xff;
    rig.toolhead.flash.load(0x0800_8000, old);
    await rig.flash(image);
    expect(rig.holds(image)).toBe(true);
  });

  it('is written through a bus with bit errors', async () => {
    await using rig = await NodeRig.open([klipper], { canBitErrorRate: 0.0002 });
    const image = nodeImage();
    await rig.flash(image);
    expect(rig.holds(image)).toBe(true);
  });

  it('is written from a computer that is slow to read: late and cut replies are no other node', async () => {
    await using rig = await NodeRig.open([katapult, other]);
    rig.can = readLate(rig.can, rig.clock, 35);
    const image = nodeImage({ size: 2048 });
    await rig.flash(image);
    expect(rig.holds(image)).toBe(true);
  });

  it('has one request at a time on the bus, and the last one of all is COMPLETE', async () => {
    await using rig = await NodeRig.open([katapult]);
    const node = rig.toolhead;
    let open = 0;
    let most = 0;
    const bus = rig.bench.board('a').canBus;
    bus.attach({
      bitrateBps: 1_000_000,
      recoversFromBusOff: true,
      receive: ({ id, data }) => {
        const isStart = data[0] === 0x01 && data[1] === 0x88 && data.length === 8;
        if (isStart && id % 2 === 0 && id >= 0x200 && id < 0x3f0) most = Math.max(most, (open += 1));
        if (isStart && id % 2 === 1 && id >= 0x200 && id < 0x3f0) open -= 1;
      },
    });
    await rig.flash(nodeImage());
    expect(most).toBe(1);
    expect(node.application).toBe('klipper');
  });
});

describe('before the first block', () => {
  it.each([
    ['another MCU', nodeImage({ mcu: 'stm32f407xx' }), 'image/wrong-mcu'],
    ['a bridge', makeKlipperImage(), 'image/wrong-role'],
    ['another bit rate', nodeImage({ bitrateBps: 500_000 }), 'can/wrong-bitrate'],
    [
      'another offset',
      makeKlipperImage({ role: 'node', applicationAddress: 0x0800_4000 }),
      'image/wrong-address',
    ],
  ])('an image for %s is refused, and the flash stays as it was', async (_, image, code) => {
    await using rig = await NodeRig.open([klipper]);
    const before = rig.toolhead.flash.changes;
    expect(await failureOf(rig.flash(image))).toMatchObject({ code, state: 'untouched' });
    expect(rig.toolhead.flash.changes).toBe(before);
  });

  it('the bridge itself is refused', async () => {
    await using rig = await NodeRig.open([klipper]);
    expect(await failureOf(rig.flash(nodeImage(), { canbusUuid: bridgeUuid }))).toMatchObject({
      code: 'can/is-bridge',
    });
  });

  it('two nodes with one UUID are refused', async () => {
    await using rig = await NodeRig.open([katapult, { ...katapult, delayMs: 3 }]);
    expect((await failureOf(rig.flash(nodeImage()))).code).toBe('can/duplicate-uuid');
    expect(rig.bench.board('a').toolheads.every(({ flash }) => flash.isErased(0x0800_8000, 64))).toBe(true);
  });
});

describe('a silent node is named within 6 s', () => {
  it.each([
    ['nothing on the bus', [], {}, 'can/no-nodes'],
    ['no termination', [katapult, other], { canTerminated: false }, 'can/no-nodes'],
    ['an open wire, another node there', [{ ...klipper, wired: false }, other], {}, 'can/node-silent'],
    ['another bit rate, alone', [{ ...klipper, bitrateBps: 500_000 }], {}, 'can/no-nodes'],
    [
      'another bit rate, another node there',
      [{ ...klipper, bitrateBps: 500_000 }, other],
      {},
      'can/node-silent',
    ],
    ['Klipper without Katapult', [{ ...klipper, katapult: 'none' }, other], {}, 'can/no-bootloader'],
    ['a Katapult built for USB', [{ ...klipper, katapult: 'usb' }, other], {}, 'can/node-silent'],
    ['alone on the bus without a wire', [{ ...klipper, wired: false }], {}, 'can/no-nodes'],
  ] as const)('%s', async (_, nodes, more, code) => {
    await using rig = await NodeRig.open([...nodes], more);
    const startMs = rig.clock.nowMs();
    expect(await failureOf(rig.flash(nodeImage()))).toMatchObject({ code, state: 'untouched' });
    expect(rig.clock.nowMs() - startMs).toBeLessThan(patienceMs);
  });

  it.each([
    ['bus-off', 'can/bus-off'],
    ['error-passive', 'can/error-passive'],
  ] as const)('an adapter that reports %s', async (health, code) => {
    await using rig = await NodeRig.open([{ ...klipper, wired: false }]);
    // Klipper's bridge never reports it; other adapters do.
    rig.can = reporting(rig.can, health);
    const startMs = rig.clock.nowMs();
    expect(await failureOf(rig.flash(nodeImage()))).toMatchObject({ code, state: 'untouched' });
    expect(rig.clock.nowMs() - startMs).toBeLessThan(patienceMs);
  });

  it('a bus that a running Klipper uses', async () => {
    await using rig = await NodeRig.open([{ ...klipper, wired: false }]);
    // A claimed node sends data whenever its host asks.
    rig.can = alsoHearing(rig.can, { id: 0x109, extended: false, data: Uint8Array.of(5, 16, 0, 0, 126) });
    expect((await failureOf(rig.flash(nodeImage()))).code).toBe('can/claimed');
  });

  it('a Katapult that a damaged request has stopped', async () => {
    await using rig = await NodeRig.open([katapult]);
    const setId = { id: 0x3f0, extended: false, data: Uint8Array.from(Buffer.from(`11${uuid}81`, 'hex')) };
    const wrongCrc = {
      id: 0x202,
      extended: false,
      data: Uint8Array.from(Buffer.from('01881100f07c9903', 'hex')),
    };
    await rig.can.send(setId);
    await rig.can.send(wrongCrc);
    const startMs = rig.clock.nowMs();
    expect((await failureOf(rig.flash(nodeImage()))).code).toBe('katapult/wedged');
    expect(rig.clock.nowMs() - startMs).toBeLessThan(patienceMs);
  });
});

describe('a node that is lost in the middle of the write', () => {
  async function lost(what: (rig: NodeRig) => void) {
    await using rig = await NodeRig.open([katapult, other]);
    let atMs = 0;
    rig.onEvent = (event) => {
      if (event.type !== 'progress' || event.phase !== 'write' || atMs > 0) return;
      atMs = rig.clock.nowMs();
      what(rig);
    };
    const error = await failureOf(rig.flash(nodeImage({ size: 24 * 1024 })));
    return { error, tookMs: rig.clock.nowMs() - atMs };
  }

  it('by its wires: named within 6 s', async () => {
    const { error, tookMs } = await lost((rig) => rig.toolhead.setWired(false));
    expect(error).toMatchObject({ code: 'can/node-lost', state: 'katapult-partial' });
    expect(tookMs).toBeLessThan(patienceMs);
  });

  it('by its power: named within 6 s', async () => {
    const { error, tookMs } = await lost((rig) => rig.toolhead.setPower(false));
    expect(error).toMatchObject({ code: 'can/node-lost', state: 'katapult-partial' });
    expect(tookMs).toBeLessThan(patienceMs);
  });

  it('comes back in Katapult without a button, as its first sector was erased first', async () => {
    const { error } = await lost((rig) => rig.toolhead.reset());
    expect(error.details).toMatchObject({ returnsToKatapult: true });
  });

  it('goes on if only a reply was lost', async () => {
    await using rig = await NodeRig.open([katapult]);
    rig.toolhead.faults.arm({ kind: 'lost-answer', mode: 'katapult', nth: 5, only: 0x12 });
    const image = nodeImage();
    await rig.flash(image);
    expect(rig.holds(image)).toBe(true);
  });
});

/** The link of an adapter that reports its place on the bus. */
function reporting(can: CanLink, health: CanLink['health']): CanLink {
  return {
    label: can.label,
    health,
    send: (frame, signal) => can.send(frame, signal),
    receive: (options) => can.receive(options),
    close: () => can.close(),
    [Symbol.asyncDispose]: () => can.close(),
  };
}

/** The link with one more frame on the bus, before all others. */
function alsoHearing(can: CanLink, frame: CanFrame): CanLink {
  const frames = [frame];
  const receive: CanLink['receive'] = (options) => {
    const next = frames.shift();
    return next === undefined ? can.receive(options) : Promise.resolve(next);
  };
  return { ...reporting(can, null), receive };
}

/** The link as a busy computer reads it: each frame so much later than the one before. */
function readLate(can: CanLink, clock: Clock, lateMs: number): CanLink {
  const frames: CanFrame[] = [];
  const pump = async (): Promise<void> => {
    for (;;) {
      const frame = await can.receive({ timeoutMs: 1_000_000 });
      await clock.sleep(lateMs);
      frames.push(frame);
    }
  };
  pump().catch(() => undefined);
  const receive: CanLink['receive'] = async ({ timeoutMs }) => {
    const untilMs = clock.nowMs() + timeoutMs;
    while (clock.nowMs() < untilMs) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      await clock.sleep(1);
    }
    throw new CanopusError('link/timeout', 'none came');
  };
  return {
    label: can.label,
    health: null,
    send: (frame) => can.send(frame),
    receive,
    close: () => can.close(),
    [Symbol.asyncDispose]: () => can.close(),
  };
}
