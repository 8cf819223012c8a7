import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import { flashWithKatapult } from '../../../app/flash/katapult-flasher.ts';
import { maxFlashKiB, mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { usualApplicationOffset } from '../../../main/sim/usual-crystal.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';

const start = 0x08000000;
const port = '1-1';

/** A board with Katapult and, unless `old` is null, an application before, and what writes to it. */
async function boardWith(mcu: McuName, old: Uint8Array | null) {
  const clock = new VirtualClock();
  const flashKiB = maxFlashKiB(mcu);
  const uid = '430014000A50534E4E313120';
  const bench = new VirtualBench(
    { boards: [{ id: 'board', mcu, uid, port, flashKiB, supply: 'external', powered: false }] },
    { clock },
  );
  const board = bench.board('board');
  const address = start + usualApplicationOffset(mcu);
  board.flash.load(start, makeKatapultImage({ mcu }));
  if (old !== null) board.flash.load(address, old);
  board.setPower(true);
  if (old !== null) board.doubleTap();
  for (let waited = 0; board.device?.mode !== 'katapult'; waited += 10) {
    if (waited > 5000) throw new Error(`the board is ${board.running}: ${board.why}`);
    await clock.sleep(10);
  }
  // Its serial port comes a moment later.
  await clock.sleep(500);
  const write = async (image: Uint8Array): Promise<void> => {
    const link = await bench.devices.openSerial(port);
    const run = flashWithKatapult(link, image, { clock, expectedMcu: mcu, applicationAddress: address });
    try {
      while ((await run.next()).done !== true);
    } finally {
      await link.close();
    }
  };
  return { flash: board.flash, write, address };
}

const mcus = [
  'stm32g0b1xx',
  'stm32h723xx',
  'stm32h743xx',
  'stm32f072xb',
  'stm32f042x6',
  'stm32f103xe',
] as const;

describe.each(mcus)('Klipper through the Katapult of an %s', (mcu) => {
  const size = mcu === 'stm32f042x6' ? 20_000 : 46_728;
  const image = makeKlipperImage({ mcu, size, role: 'none' });

  it('is written to a chip without an application', async () => {
    const { flash, write, address } = await boardWith(mcu, null);
    await write(image);
    expect(flash.read(address, image.length)).toEqual(image);
  });

  it('replaces another application, or says why it cannot', async () => {
    const old = makeKlipperImage({ mcu, size, role: 'none', seed: 2 });
    const { flash, write, address } = await boardWith(mcu, old);
    if (mcuFacts[mcu].katapultNeedsBlankSectors) {
      const error: unknown = await write(image).catch((thrown: unknown) => thrown);
      expect(isCanopusError(error, 'katapult/sector-occupied')).toBe(true);
      expect(flash.read(address, old.length)).toEqual(old);
    } else {
      await write(image);
      expect(flash.read(address, image.length)).toEqual(image);
    }
  });
});
