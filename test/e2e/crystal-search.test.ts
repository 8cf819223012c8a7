import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { Hands, toDfuStage } from './hands.ts';
import { Stage } from './stage.ts';

const uid = '430014000A50534E4E313120';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

it.each([
  { mcu: 'stm32f446xx', marking: 'STM32F446', wroteHz: 12_000_000, hasHz: 8_000_000, sight: 'unreadable' },
  { mcu: 'stm32f407xx', marking: 'STM32F407', wroteHz: 8_000_000, hasHz: 12_000_000, sight: 'silent' },
] as const)(
  'a board with $hasHz Hz that got images for $wroteHz Hz ends as a running bridge, found from the window alone',
  async ({ mcu, marking, wroteHz, hasHz, sight }) => {
    const board = { id: 'board', mcu, uid, port: '1-1', powered: false, crystalHz: hasHz };
    await using stage = await Stage.open(browser, { boards: [board] });
    const { page } = stage;
    await Hands.show(page);
    const hands = stage.hands('board');
    await toDfuStage(page, /Octopus v1/, marking);
    await hands.intoDfu();

    // Katapult was started; what is seen of it is said beside the offer.
    await page
      .getByRole('status')
      .filter({ hasText: texts.sight(sight, wroteHz) })
      .waitFor();
    const offer = page.getByRole('region', { name: texts.rescue.offerTitle });
    await offer.getByRole('button', { name: texts.rescue.begin, exact: true }).click();
    await page.getByRole('alert').filter({ hasText: texts.asks['back-to-dfu'].title }).waitFor();
    await hands.reset();

    await page.getByText(texts.rescue.stages.found(hasHz), { exact: true }).first().waitFor();
    await stage.heading(texts.flow.fromDfu);
    await hands.outOfDfu();
    await stage.heading(texts.pi.flowTitle);
    await page.getByText(canbusUuid(uid), { exact: true }).first().waitFor();
    expect(stage.window.faults).toEqual([]);
  },
);
