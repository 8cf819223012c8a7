import { describe, expect, it } from 'vitest';
import { mcuFacts } from '../../../../app/mcu/mcu.ts';
import { ArmedFaults } from '../../../../main/sim/armed-faults.ts';
import { FlashController } from '../../../../main/sim/flash/flash-controller.ts';
import { Flash } from '../../../../main/sim/flash/flash.ts';
import { BusFault } from '../../../../main/sim/katapult/katapult-storage.ts';
import { RpKatapultFlash } from '../../../../main/sim/katapult/rp-katapult-flash.ts';
import { Timeline } from '../../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';

const application = 0x10004000;

function setUp() {
  const clock = new VirtualClock();
  const flash = new Flash(2048, mcuFacts.rp2040.sectorLayouts(2048)[0]);
  const storage = new RpKatapultFlash({
    mcu: 'rp2040',
    controller: new FlashController(flash, clock, new Timeline(clock, 1)),
    faults: new ArmedFaults(() => undefined),
    power: new AbortController().signal,
    blockSize: 64,
    unplug: () => undefined,
  });
  return { flash, storage, block: (value: number) => new Uint8Array(64).fill(value) };
}

describe('the flash of Katapult on an RP2040', () => {
  it('has a block only when one of another page comes, or at EOF', async () => {
    const { flash, storage, block } = setUp();
    expect(await storage.write(application, block(1))).toBe(true);
    expect(flash.isErased(application, 64)).toBe(true);
    await storage.write(application + 256, block(2));
    expect(storage.read(application)).toEqual(block(1));
    expect(flash.isErased(application + 256, 64)).toBe(true);
    expect(await storage.complete()).toBe(2);
    expect(storage.read(application + 256)).toEqual(block(2));
  });

  it('erases 4 KiB with the page that begins them, and nothing otherwise', async () => {
    const { flash, storage, block } = setUp();
    flash.load(application, new Uint8Array(8192));
    await storage.write(application + 64, block(0xff));
    await storage.complete();
    expect(flash.isErased(application, 4096)).toBe(true);
    expect(flash.read(application + 4096, 1)).toEqual(Uint8Array.of(0));
    await storage.write(application + 4096 + 256, block(0xff));
    await storage.complete();
    expect(flash.read(application + 4096 + 256, 1)).toEqual(Uint8Array.of(0));
  });

  it('loses the other blocks of a page when one of them is sent again after it', async () => {
    const { storage, block } = setUp();
    for (const at of [0, 64, 256, 0]) await storage.write(application + at, block(1));
    await storage.complete();
    expect(storage.read(application)).toEqual(block(1));
    expect(storage.read(application + 64)).toEqual(block(0xff));
  });

  it('takes 2 MiB and no more, whatever the flash', async () => {
    const { storage, block } = setUp();
    expect(await storage.write(0x10200000, block(1))).toBe(false);
    expect(await storage.write(application + 4, block(1))).toBe(false);
    expect(() => storage.read(0x08000000)).toThrow(BusFault);
  });
});
