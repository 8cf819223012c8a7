import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { Stage } from './stage.ts';

const [t1, t2] = ['44db3d634885', 'e7caf8297cd8'] as const;
const file = { name: 'klipper.bin', mimeType: 'application/octet-stream' };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

it(
  'a toolhead is found behind its bridge and written over CAN; an image for another chip is refused first',
  { timeout: 240_000 },
  async () => {
    await using stage = await Stage.open(
      browser,
      {
        timeScale: 0.25,
        boards: [
          {
            ...{ id: 'bridge', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-4' },
            flash: [
              { address: '0x08000000', file: 'katapult.bin' },
              { address: '0x08008000', file: 'bridge.bin' },
            ],
            canNodes: [
              { uuid: t1, application: 'katapult' },
              { uuid: t2, application: 'klipper', mcu: 'stm32f407xx' },
            ],
          },
        ],
      },
      { 'katapult.bin': makeKatapultImage(), 'bridge.bin': makeKlipperImage() },
    );
    const { page } = stage;
    const nodes = page.getByRole('region', { name: texts.nodes.title });
    const row = nodes.getByRole('listitem').filter({ hasText: t2 });
    const choose = (mcu: 'stm32f446xx' | 'stm32f407xx') => {
      const buffer = Buffer.from(makeKlipperImage({ mcu, role: 'node', size: 4096 }));
      return page.getByLabel(texts.nodes.file(t2)).setInputFiles({ ...file, buffer });
    };

    await stage.button(texts.nodes.look).click();
    await nodes.getByText(t1, { exact: true }).waitFor();
    await row.getByText(texts.nodes.applications.klipper, { exact: true }).waitFor();
    await nodes.getByText(texts.nodes.wayBack).waitFor();

    await choose('stm32f446xx');
    await row.getByRole('alert').getByText('image/wrong-mcu').first().waitFor();
    await choose('stm32f407xx');
    await row.getByText(texts.nodes.done('').trim()).waitFor({ timeout: 120_000 });

    // What the bus says now, after the node was started.
    await stage.button(texts.nodes.look).click();
    await row.getByText(texts.nodes.applications.klipper, { exact: true }).waitFor();
    expect(stage.window.faults).toEqual([]);
  },
);
