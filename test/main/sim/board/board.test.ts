import { describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import {
  application,
  bench,
  board,
  bridgeImage,
  flashStart,
  katapultImage,
  untilRunning,
  watched,
  withBridge,
  withKatapult,
} from '../bench-rig.ts';

describe('what runs after a reset', () => {
  it('is nothing on an erased chip', async () => {
    const { bench: virtual } = bench(board());
    await untilRunning(virtual, 'a', 'silent');
    expect(virtual.board('a').why).toBe('there is no program');
  });

  it('is the ROM while BOOT0 is on, whatever is in flash', async () => {
    const { bench: virtual } = bench(board({ boot0: true, flash: withBridge }));
    await untilRunning(virtual, 'a', 'dfu');
  });

  it('is Katapult while there is no application', async () => {
    const { bench: virtual } = bench(board({ flash: withKatapult }));
    await untilRunning(virtual, 'a', 'katapult');
  });

  it('is the bridge behind Katapult, half a second later', async () => {
    const { bench: virtual, clock } = bench(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    expect(clock.nowMs()).toBeGreaterThanOrEqual(500 + 300);
  });

  it('is the bridge alone where it was built for the start of flash', async () => {
    const bytes = makeKlipperImage({ applicationAddress: flashStart });
    const { bench: virtual } = bench(board({ flash: [{ address: flashStart, bytes }] }));
    await untilRunning(virtual, 'a', 'can-bridge');
  });

  it('is Klipper on USB serial in a build for that', async () => {
    const bytes = makeKlipperImage({ role: 'none' });
    const { bench: virtual } = bench(board({ flash: [...withKatapult, { address: application, bytes }] }));
    await untilRunning(virtual, 'a', 'klipper-serial');
  });

  it.each([
    ['for another crystal', makeKlipperImage({ crystalHz: 8_000_000 }), /crystal of 8000000 Hz/],
    ['for another MCU', makeKlipperImage({ mcu: 'stm32f407xx' }), /for stm32f407xx/],
    ['for another address', makeKlipperImage({ applicationAddress: 0x08010000 }), /another address/],
    ['cut short by a block', bridgeImage.subarray(0, bridgeImage.length - 64), /cut short/],
    ['cut short by half', bridgeImage.subarray(0, bridgeImage.length / 2), /cut short|unknown/],
    ['for CAN only', makeKlipperImage({ role: 'node' }), /is a node on a CAN bus/],
    ['that is noise', Uint8Array.from({ length: 512 }, (_, index) => index * 7), /no program/],
  ])('is silent with an application %s', async (_, bytes, why) => {
    const { bench: virtual } = bench(board({ flash: [...withKatapult, { address: application, bytes }] }));
    await untilRunning(virtual, 'a', 'silent');
    expect(virtual.board('a').why).toMatch(why);
  });

  it('is silent with a Katapult for another crystal', async () => {
    const bytes = makeKatapultImage({ crystalHz: 25_000_000 });
    const { bench: virtual } = bench(board({ flash: [{ address: flashStart, bytes }] }));
    await untilRunning(virtual, 'a', 'silent');
  });

  it('asks to be read and cannot be, where the clock is too slow for USB', async () => {
    const bytes = makeKatapultImage({ crystalHz: 25_000_000 });
    const { bench: virtual, clock } = bench(board({ flash: [{ address: flashStart, bytes }] }));
    const seen = await watched(virtual);
    await clock.sleep(2_000);
    expect(seen).toEqual(['unreadable 1-1']);
  });

  it('asks for nothing where its PLL cannot lock: 8 MHz firmware on 12 MHz', async () => {
    const bytes = makeKatapultImage({ crystalHz: 8_000_000 });
    const { bench: virtual, clock } = bench(board({ flash: [{ address: flashStart, bytes }] }));
    const seen = await watched(virtual);
    await untilRunning(virtual, 'a', 'silent');
    await clock.sleep(60_000);
    expect(seen).toEqual([]);
  });

  it('is Katapult after a double tap, whatever the application', async () => {
    const broken = [...withKatapult, { address: application, bytes: bridgeImage.subarray(0, 4096) }];
    const { bench: virtual } = bench(board({ flash: broken }));
    await untilRunning(virtual, 'a', 'silent');
    virtual.board('a').doubleTap();
    await untilRunning(virtual, 'a', 'katapult');
    virtual.board('a').reset();
    await untilRunning(virtual, 'a', 'silent');
  });

  it('is Katapult after two presses of reset within half a second, and not after slower ones', async () => {
    const { bench: virtual, clock } = bench(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    const a = virtual.board('a');
    a.reset();
    await clock.sleep(200);
    a.reset();
    await untilRunning(virtual, 'a', 'katapult');
    a.reset();
    await clock.sleep(600);
    a.reset();
    await untilRunning(virtual, 'a', 'can-bridge');
  });
});

describe('power, cable and jumper', () => {
  it('looks at the jumper at reset only', async () => {
    const { bench: virtual } = bench(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    virtual.board('a').setBoot0(true);
    expect(virtual.board('a').running).toBe('can-bridge');
    virtual.board('a').reset();
    await untilRunning(virtual, 'a', 'dfu');
  });

  it('loses power with the cable where it is supplied over USB', async () => {
    const { bench: virtual } = bench(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    virtual.board('a').unplug();
    expect(virtual.board('a').running).toBe('off');
    virtual.board('a').plug();
    await untilRunning(virtual, 'a', 'can-bridge');
  });

  it('runs on without its cable where it has its own supply', async () => {
    const { bench: virtual } = bench(board({ boot0: true, supply: 'external' }));
    await untilRunning(virtual, 'a', 'dfu');
    const a = virtual.board('a');
    const device = a.device;
    a.unplug();
    expect([a.running, a.device]).toEqual(['dfu', null]);
    a.plug();
    await untilRunning(virtual, 'a', 'dfu');
    expect(a.device?.fn).toBe(device?.fn);
    a.setPower(false);
    expect(a.running).toBe('off');
  });

  it('leaves and comes back on the same port when it changes mode', async () => {
    const { bench: virtual } = bench(board({ boot0: true, flash: withKatapult }));
    const seen = await watched(virtual);
    await untilRunning(virtual, 'a', 'dfu');
    virtual.board('a').setBoot0(false);
    virtual.board('a').reset();
    await untilRunning(virtual, 'a', 'katapult');
    await virtual.clock.sleep(100);
    expect(seen).toEqual([
      'attach 0483:df11 1-1',
      'detach 1-1',
      'attach 1d50:6177 1-1',
      'change 1d50:6177 1-1 sim:1-1',
    ]);
  });

  it('starts the same program on every board of a kind, at the same times', async () => {
    const run = async () => {
      const { bench: virtual, clock } = bench(board({ flash: withBridge }));
      await untilRunning(virtual, 'a', 'can-bridge');
      return clock.nowMs();
    };
    expect(await run()).toBe(await run());
  });
});

describe('faults of a board', () => {
  it('does not come back once, and does after a reset', async () => {
    const { bench: virtual, clock } = bench(board({ flash: withKatapult, faults: [{ kind: 'no-return' }] }));
    await clock.sleep(5000);
    expect(virtual.board('a').device).toBeNull();
    virtual.board('a').reset();
    await untilRunning(virtual, 'a', 'katapult');
  });

  it('comes back late once', async () => {
    const faults = [{ kind: 'slow-enumeration', extraMs: 20_000 } as const];
    const { bench: virtual, clock } = bench(board({ flash: withKatapult, faults }));
    await untilRunning(virtual, 'a', 'katapult');
    expect(clock.nowMs()).toBeGreaterThan(20_000);
  });

  it('keeps the jumper on once', () => {
    const { bench: virtual } = bench(board({ boot0: true, faults: [{ kind: 'jumper-stays' }] }));
    const a = virtual.board('a');
    a.setBoot0(false);
    expect(a.boot0).toBe(true);
    a.setBoot0(false);
    expect(a.boot0).toBe(false);
  });

  it('starts read-protected and stays so across resets', async () => {
    const { bench: virtual } = bench(board({ boot0: true, faults: [{ kind: 'read-protection' }] }));
    await untilRunning(virtual, 'a', 'dfu');
    virtual.board('a').reset();
    expect(virtual.board('a').memory.readProtected).toBe(true);
  });

  it('shows that it may not be opened', async () => {
    const faults = [{ kind: 'access', code: 'link/no-driver' } as const];
    const { bench: virtual, devices } = bench(board({ boot0: true, faults }));
    await untilRunning(virtual, 'a', 'dfu');
    expect(await devices.list()).toMatchObject([{ access: { ok: false, code: 'link/no-driver' } }]);
    await expect(devices.openUsb('1-1')).rejects.toMatchObject({ code: 'link/no-driver' });
    const seen: boolean[] = [];
    await devices.watch((event) => {
      if (event.type === 'change') seen.push(event.device.access.ok);
    });
    virtual.board('a').clearFaults();
    virtual.board('a').arm({ kind: 'access', code: 'link/busy' });
    expect(seen).toEqual([true, false]);
  });
});

it('keeps the sample images apart', () => {
  expect(katapultImage.length).toBeLessThan(bridgeImage.length);
});
