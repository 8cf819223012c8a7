import { expect, it } from 'vitest';
import { usbPlace } from '../../../app/place.ts';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { benchCounts } from '../../../app/bench/bench-state.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { BenchRig, uidOf } from './bench-rig.ts';

const mcu = 'stm32g0b1xx';
const crystalHz = 8_000_000;
const katapult = makeKatapultImage({ mcu, crystalHz, over: 'can' });
const klipper = makeKlipperImage({ mcu, crystalHz, role: 'node', pins: ['PB0', 'PB1'] });
const board = { presetId: 'btt-ebb-1.2', variantId: 'g0b1' } as const;
const toolheads = [0, 1].map((index) => ({
  ...({ id: `t${index}`, mcu, flashKiB: 128, uid: uidOf(index), port: `1-${index + 1}` } as const),
  ...{ boot0: true, plugged: false },
}));

async function order(rig: BenchRig, preset: { presetId: string; variantId: string } = board) {
  const images = { bootloader: await rig.cache.add(katapult), application: await rig.cache.add(klipper) };
  const rest = { target: null, confirmed: true, backup: false, confirmedCrystalHz: null, crystalHz: null };
  return { board: preset, images, modes: ['dfu' as const], ...rest };
}

it('gives each toolhead that is plugged in its Katapult, and nothing behind it', async () => {
  await using rig = await BenchRig.open({ boards: toolheads });
  await rig.runner.arm(await order(rig));
  for (const [index, toolhead] of rig.bench.boards.entries()) {
    toolhead.plug();
    await rig.until(() => benchCounts(rig.runner.state).done === index + 1);
    const { uid } = toolhead;
    expect(rig.slot(usbPlace(toolhead.port))).toMatchObject({ stage: 'done', canbusUuid: canbusUuid(uid) });
    expect(Buffer.compare(toolhead.flash.read(0x0800_0000, katapult.length), katapult)).toBe(0);
    expect(toolhead.flash.read(0x0800_2000, 64).every((byte) => byte === 0xff)).toBe(true);
    toolhead.unplug();
  }
  expect(rig.faults).toEqual([]);
});

it('is not armed for a toolhead in a mode in which it is not on USB, or without a bootloader there', async () => {
  await using rig = await BenchRig.open({ boards: [] });
  const toolhead = await order(rig);
  await expect(rig.runner.arm({ ...toolhead, modes: ['dfu', 'katapult'] })).rejects.toMatchObject({
    code: 'usage/invalid',
  });
  const huvud = await order(rig, { presetId: 'huvud', variantId: 'f103' });
  await expect(rig.runner.arm(huvud)).rejects.toMatchObject({ code: 'preset/no-usb-bootloader' });
  expect(rig.runner.state.recipes).toEqual([]);
});
