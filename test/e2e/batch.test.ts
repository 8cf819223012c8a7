import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { chooseBoard, Hands } from './hands.ts';
import { Stage } from './stage.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

const uid = (n: number): string => `4300140${n}0A50534E4E313120`;
const boards = Array.from({ length: 8 }, (_, index) => ({
  ...{ id: `board-${index + 1}`, mcu: 'stm32f446xx' as const, uid: uid(index + 1), port: `1-1.${index + 1}` },
  ...{ boot0: true, powered: false },
}));

/** What the counter of that name shows, as soon as it shows that. */
async function counted(page: Page, name: string, count: number): Promise<void> {
  const counter = page.getByRole('region', { name: texts.batch.title }).locator('dl > div');
  await counter.filter({ hasText: new RegExp(`^\\s*${name}\\s*${count}\\s*$`) }).waitFor({ timeout: 60_000 });
}

const tile = (page: Page, port: string, state: keyof typeof texts.batch.states) =>
  page.getByRole('button', {
    name: new RegExp(`^${port.replace('.', '\\.')} (?:${texts.batch.next} )?${texts.batch.states[state]}`),
  });

it(
  'armed once, eight boards are flashed as they are plugged in; the one that fails is named and retried',
  { timeout: 240_000 },
  async () => {
    await using stage = await Stage.open(browser, { timeScale: 0.25, boards });
    const { page } = stage;
    await Hands.show(page);
    await stage.button(texts.batch.arm).click();
    await chooseBoardToArm(page);
    await page.getByLabel(texts.batch.target).fill('8');
    await stage.button(texts.batch.armNow).click();
    await page.getByText(texts.batch.armedText).waitFor();

    const hands = boards.map(({ id }) => stage.hands(id));
    await hands[3]!.fault('stuck-bit');
    // Nobody clicks anything but the boards from here on.
    for (const hand of hands) await hand.power(true);
    const good = boards.filter((_, index) => index !== 3);
    for (const { port } of good) await tile(page, port, 'hands').waitFor({ timeout: 60_000 });
    await tile(page, boards[3]!.port, 'failed').waitFor();
    await counted(page, texts.batch.failed, 1);
    for (const [index, hand] of hands.entries()) if (index !== 3) await hand.outOfDfu();
    await counted(page, texts.batch.done, 7);
    for (const { port } of good) await tile(page, port, 'done').waitFor();
    await counted(page, texts.batch.toDo, 1);

    await tile(page, boards[3]!.port, 'failed').click();
    await page.getByText('dfu/flash-damaged').first().waitFor();
    await page
      .getByRole('article', { name: boards[3]!.id, exact: true })
      .getByRole('button', { name: texts.virtual.mend })
      .click();
    await stage.button(texts.batch.retryFailed(1)).click();
    await tile(page, boards[3]!.port, 'hands').waitFor({ timeout: 60_000 });
    await hands[3]!.outOfDfu();
    await counted(page, texts.batch.done, 8);
    await page.getByText(texts.batch.complete, { exact: true }).first().waitFor();

    // As cards: each with the UUID of its own chip.
    await stage.button(texts.batch.views.cards).click();
    for (const board of boards) {
      const card = page.getByRole('article', { name: new RegExp(`${board.port.replace('.', '\\.')}$`) });
      await card.getByText(canbusUuid(board.uid), { exact: true }).waitFor();
    }
    expect(stage.window.faults).toEqual([]);
  },
);

async function chooseBoardToArm(page: Page): Promise<void> {
  await chooseBoard(page, /Octopus v1/, 'STM32F446');
  await page.getByRole('button', { name: texts.firmware.useSamples }).click();
  await page.getByRole('button', { name: texts.firmware.writeThese }).and(page.locator(':enabled')).click();
}
