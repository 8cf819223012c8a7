import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorTable } from '../../app/errors/error-table.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { Hands, startFlow, toDfuStage } from './hands.ts';
import { Stage } from './stage.ts';

// What a newcomer does wrong: each ends in done, or in a sentence that says what to do.

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

async function openStage(): Promise<Stage> {
  const board = { id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1' } as const;
  const stage = await Stage.open(browser, { boards: [{ ...board, powered: false }] });
  await Hands.show(stage.page);
  return stage;
}

it('a board with another chip than the one that is plugged in is refused before it is erased', async () => {
  await using stage = await openStage();
  const { page } = stage;
  await startFlow(page);
  await stage.hands('board').intoDfu();
  await page.getByText(texts.picker.whichWord).waitFor();
  await stage.button(texts.picker.showAll).click();
  await page.getByRole('button', { name: /Octopus v1/ }).click();
  await stage.button(texts.picker.otherChip).click();
  await page.getByRole('radio', { name: 'STM32F429' }).check();
  await stage.button(texts.picker.use).click();
  // Nothing is written to a board that the choice does not fit, until a person says that it is this one.
  await stage.heading(texts.flow.oneCandidate);
  await page.getByRole('button', { name: /1-1/ }).click();
  await page.getByText(errorTable['chip/mismatch'].title).waitFor();
  expect(stage.window.faults).toEqual([]);
});

it('a jumper that was left on is named, and the set-up goes on once it is off', async () => {
  await using stage = await openStage();
  const { page } = stage;
  const hands = stage.hands('board');
  await toDfuStage(page, /Octopus v1/, 'STM32F446');
  await hands.intoDfu();
  await stage.heading(texts.flow.fromDfu);
  await hands.power(false);
  await hands.power(true);
  const sentence = texts.sight('dfu-again', 12_000_000);
  await page.getByRole('status').filter({ hasText: sentence }).waitFor();
  await hands.outOfDfu();
  await stage.heading(texts.pi.flowTitle);
  expect(stage.window.faults).toEqual([]);
});

it('a cable that only charges is thought of when nothing appears', async () => {
  await using stage = await openStage();
  const { page } = stage;
  await startFlow(page);
  await page.getByText(texts.picker.plugInFirst).waitFor();
  await page.clock.setFixedTime(Date.now() + 60_000);
  await page.getByText(texts.picker.nothingYet).waitFor();
  await stage.hands('board').intoDfu();
  await page.getByText(texts.picker.whichWord).waitFor();
  expect(stage.window.faults).toEqual([]);
});
