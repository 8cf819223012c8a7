import { describe, expect, it } from 'vitest';
import { readOwnImage } from '../../../app/flash/katapult-own-image.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';

describe('what a running Katapult is, by its own flash', () => {
  it.each([8_000_000, 12_000_000, 16_000_000])('is read through it: built for %i Hz', async (crystalHz) => {
    const clock = new VirtualClock();
    const flash = [{ address: 0x08000000, bytes: makeKatapultImage({ crystalHz }) }];
    const board = {
      ...{ id: 'a', mcu: 'stm32f446xx' as const, uid: '430014000A50534E4E313120', port: '1-1' },
      ...{ crystalHz, flash },
    };
    await using bench = new VirtualBench({ boards: [board] }, { clock });
    await clock.sleep(2_000);
    const before = bench.board('a').flash.changes;
    await using link = await bench.devices.openSerial('1-1');
    expect(await readOwnImage(link, { clock })).toMatchObject({
      ...{ kind: 'katapult', mcu: 'stm32f446xx', crystalHz, launchAddress: 0x08008000, usb: true },
    });
    expect(bench.board('a').flash.changes).toBe(before);
  });
});
