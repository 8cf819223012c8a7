import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { chooseBoard, Hands, startWithoutPrinter } from './hands.ts';
import { cardBench, toCardStage, writeCard } from './card-scenes.ts';
import { Stage } from './stage.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

it('a board becomes a bridge by a card that is written, put in and powered, and by nothing less', async () => {
  await using stage = await Stage.open(browser, cardBench);
  const { page } = stage;
  const uid = cardBench.boards[0]?.uid ?? '';
  const hands = stage.hands('board');
  await toCardStage(stage);
  // Which card it is, only a person says.
  expect(await stage.button(texts.card.write).isDisabled()).toBe(true);
  await writeCard(stage);
  expect(await readdir(join(stage.station.folder, 'data/data/virtual-card'))).toEqual(['firmware.bin']);

  // Powered without the card there is nothing on USB, and the flow waits on.
  await hands.power(true);
  await page.getByText(/there is no program/).waitFor();
  await stage.heading(texts.card.bootTitle);
  await hands.power(false);

  await hands.card(true);
  await hands.power(true);
  await stage.heading(texts.pi.flowTitle);
  await page.getByText(canbusUuid(uid), { exact: true }).first().waitFor();
  expect(await readdir(join(stage.station.folder, 'data/data/virtual-card'))).toEqual(['firmware.CUR']);
  expect(stage.window.faults).toEqual([]);
});

it('a board for which no source states a card is not offered one', async () => {
  await using stage = await Stage.open(browser, cardBench);
  await Hands.show(stage.page);
  await startWithoutPrinter(stage.page);
  await chooseBoard(stage.page, /Octopus v1/, 'STM32F446');
  expect(await stage.button(texts.card.offer).count()).toBe(0);
});
