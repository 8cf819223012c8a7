import { expect, it } from 'vitest';
import { releaseOrders } from '../../../app/updates/release-orders.ts';
import { loadPresets } from '../../../main/presets.ts';

it('has both images for every variant of every preset, and a Katapult for each crystal the board may have', async () => {
  const presets = await loadPresets();
  const orders = releaseOrders(presets);
  for (const preset of presets) {
    for (const variant of preset.variants) {
      const fits = orders.filter(({ recipe }) => recipe.mcu === variant.mcu.value);
      expect(new Set(fits.map(({ target }) => target)), preset.id).toEqual(new Set(['katapult', 'klipper']));
    }
  }
  const octopus = releaseOrders(presets.filter(({ id }) => id === 'btt-octopus'));
  const crystals = octopus
    .filter(({ target }) => target === 'katapult')
    .map(({ recipe }) => recipe.crystalHz);
  expect(new Set(crystals)).toEqual(new Set([8e6, 12e6, 25e6, 16e6, 20e6]));
});

it('has what two presets configure alike once', async () => {
  const presets = await loadPresets();
  const [first] = presets;
  expect(releaseOrders([first!, { ...first!, id: 'the-same-again' }])).toEqual(releaseOrders([first!]));
});
