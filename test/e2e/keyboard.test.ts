import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { Stage } from './stage.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** What has the focus: its accessible name as far as the page says it plainly, and whether it can be seen there. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { name: '', ring: '' };
    const label = element.closest('label')?.textContent ?? '';
    const text = element.getAttribute('aria-label') ?? (element.textContent || label);
    const name = text.replace(/\s+/g, ' ').trim();
    return { name, ring: getComputedStyle(element).outlineStyle };
  });

/** Goes on with Tab until what is named has the focus; the ring must be there on the way. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (name.test(now.name)) {
      expect(now.ring, 'the focus must be seen').not.toBe('none');
      return;
    }
    passed.push(now.name);
  }
  throw new Error(`Tab does not come to ${String(name)}; it passes ${passed.join(' | ')}`);
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

it('a bare board becomes a proven bridge without a mouse', { timeout: 240_000 }, async () => {
  const uid = '430014000A50534E4E313120';
  await using stage = await Stage.open(browser, {
    boards: [{ id: 'board', mcu: 'stm32f446xx', uid, port: '1-1', powered: false }],
  });
  const { page } = stage;
  const press = async (name: RegExp, key = 'Enter'): Promise<void> => {
    await tabTo(page, name);
    await page.keyboard.press(key);
  };
  const turn = async (name: string, isOn: boolean): Promise<void> => {
    await press(exactly(name), 'Space');
    await page.getByRole('switch', { name, checked: isOn }).waitFor();
  };

  await stage.heading(texts.pages.bench);
  await press(exactly(texts.virtual.title));
  await press(exactly(texts.bench.setUp));
  await stage.heading(texts.printer.title);
  await press(/Virtual Pi/);
  await stage.button(texts.pi.trust).waitFor();
  await press(exactly(texts.pi.trust));
  await page.getByRole('searchbox').waitFor();
  await tabTo(page, exactly(texts.picker.search));
  await page.keyboard.type('octopus v1');
  await press(/Octopus v1/);
  await press(/STM32F446/, 'Space');
  await press(exactly(texts.picker.use));
  await stage.heading(texts.flow.toDfu);
  await turn(texts.virtual.boot0, true);
  await turn(texts.virtual.power, true);
  await stage.heading(texts.flow.fromDfu);
  await turn(texts.virtual.power, false);
  await turn(texts.virtual.boot0, false);
  await turn(texts.virtual.power, true);
  await stage.heading(texts.pi.flowTitle);
  await stage.button(texts.pi.apply).waitFor();
  await press(exactly(texts.pi.apply));
  await stage.heading(texts.flow.doneTitle);
  expect(stage.window.faults).toEqual([]);
});
