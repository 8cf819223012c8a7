import { describe, expect, it } from 'vitest';
import { recipeForBoard } from '../../../app/build/board-recipe.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { loadPresets } from '../../../main/presets.ts';
import { systemUnderTest } from '../host-systems.ts';
import { withBridge } from '../sim/bench-rig.ts';
import { asLoaded, BenchRun, bareF446, imagesFor } from './bench-run.ts';

const ratOs = { serial: 'btt-octopus-11' } as const;
const kalico = { manufacturer: 'Kalico', product: 'octopus', serial: '12345' } as const;
const kalicoImage = makeKlipperImage({ app: 'Kalico' });

describe('boards whose firmware calls itself as people like', () => {
  it.each([
    ['RatOS', ratOs],
    ['Kalico', kalico],
  ])('are done from DFU with the UID that Katapult reported: %s', async (_name, strings) => {
    await using run = new BenchRun({ ...bareF446, ...strings });
    const report = await run.flash(await imagesFor());
    expect(report).toMatchObject({
      ...{ uid: run.board.uid, canbusUuid: '6beb0175188a', canbusUuidSource: 'confirmed' },
      mcu: 'stm32f446xx',
    });
  });

  it.each([
    ['RatOS', ratOs],
    ['Kalico', kalico],
    ['Kalico with a UUID of its own', { ...kalico, canbusUuid: 'abcdef123456' }],
  ])('are brought into Katapult from the running bridge: %s', async (_name, strings) => {
    await using run = new BenchRun({ ...bareF446, boot0: false, flash: withBridge, ...strings });
    expect(await run.flash(await imagesFor())).toMatchObject({ uid: run.board.uid });
  });

  it('have the UUID that the bridge itself reports, if its firmware may have a fixed one', async () => {
    await using run = new BenchRun({ ...bareF446, ...kalico, canbusUuid: 'abcdef123456' });
    const application = await asLoaded('kalico.bin', kalicoImage);
    const report = await run.flash({ ...(await imagesFor()), application });
    // Windows opens no bridge without a driver: then it is said to be computed.
    const isOpen = systemUnderTest() !== 'win32';
    expect(report).toMatchObject({
      canbusUuid: isOpen ? 'abcdef123456' : '6beb0175188a',
      canbusUuidSource: isOpen ? 'confirmed' : 'computed',
    });
  });
});

it.each([{ CAN_UUID_USE_CHIPID: 'n' }, { CAN_UUID_CUSTOM: '"abcdef123456"' }])(
  'doubts a recipe with a UUID of its own: %o',
  async (klipper) => {
    const choice = findPreset(await loadPresets(), 'octopus:f446');
    expect(recipeForBoard(choice, { extra: { klipper } }).doubts).toMatchObject([{ field: 'can-uuid' }]);
    expect(recipeForBoard(choice).doubts).toEqual([]);
  },
);
