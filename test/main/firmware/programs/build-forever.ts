import { makeRecipe } from '../../../../app/build/recipe.ts';
import { FirmwareService } from '../../../../main/firmware/firmware-service.ts';

/** Builds one recipe after another until it is killed. Usage: build-forever CACHE TREE SEED. */
const [cacheFolder = '', path = '', seed = '0'] = process.argv.slice(2);
const service = new FirmwareService({ cacheFolder, openPi: () => Promise.reject(new Error('no Pi')) });
process.stdout.write('building\n');
for (let count = 0; ; count++) {
  await service.build({
    target: 'klipper',
    // Another bit rate is another image.
    recipe: makeRecipe({
      mcu: 'stm32f446xx',
      crystalHz: 12_000_000,
      applicationOffset: 0x8000,
      canPins: ['PD0', 'PD1'],
      bitrateBps: 10_000 + Number(seed) * 1_000 + count,
    }),
    presetId: null,
    source: { type: 'folder', path },
    on: 'local',
  });
}
