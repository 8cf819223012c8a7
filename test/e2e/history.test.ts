import { readFile } from 'node:fs/promises';
import jsQR from 'jsqr';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { boardCodeText } from '../../app/history/board-code.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { Hands, toDfuStage } from './hands.ts';
import { Stage } from './stage.ts';

const uid = '430014000A50534E4E313120';
const uuid = canbusUuid(uid);

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** What a scanner reads where an element is on the screen. */
async function scanned(element: Locator): Promise<string | null> {
  const picture = (await element.screenshot()).toString('base64');
  // A separate page has no policy that keeps it from looking at pixels.
  const page = await browser.newPage();
  const { width, height, pixels } = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { width: image.width, height: image.height, pixels: [...data] };
  }, picture);
  await page.close();
  return jsQR(Uint8ClampedArray.from(pixels), width, height)?.data ?? null;
}

/** What the browser saved after `click`, under which name. */
async function saved({ page }: Stage, click: Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

it('a board that was flashed is found in the history, exported, labelled, and found again by its label', async () => {
  await using stage = await Stage.open(browser, {
    boards: [{ id: 'board', mcu: 'stm32f446xx', uid, port: '1-1', powered: false }],
  });
  const { page } = stage;
  const row = page.getByRole('row', { name: texts.history.run(1) });
  await toDfuStage(page, /Octopus v1/, 'STM32F446');
  await Hands.show(page);
  await stage.hands('board').intoDfu();
  await stage.heading(texts.flow.fromDfu);

  // It is there while it is worked on, and becomes what it is without a click.
  await stage.show('history');
  await row.filter({ hasText: texts.history.statuses.running }).waitFor();
  await stage.hands('board').outOfDfu();
  await row.filter({ hasText: texts.history.statuses.done }).waitFor();
  await stage.button(texts.virtual.hide).click();

  const search = page.getByRole('searchbox');
  await search.fill('nowhere to be found');
  await page.getByText(texts.history.nothingFits, { exact: true }).waitFor();
  await search.fill(`octopus ${uuid}`);
  await row.getByRole('link').click();
  const details = page.getByRole('region', { name: texts.history.run(1) });
  for (const text of [uid, uuid, texts.history.results.verified]) {
    await details.getByText(text, { exact: true }).first().waitFor();
  }

  const csv = await saved(stage, stage.button(texts.history.save.csv).click());
  expect(csv.name).toMatch(/^canopus-history-\d{4}-\d\d-\d\d\.csv$/);
  const [header, line, ...more] = csv.text.trimEnd().split('\r\n');
  const cell = (name: string) => line!.split(',')[header!.split(',').indexOf(name)];
  expect([more, cell('uid'), cell('canbus_uuid'), cell('outcome'), cell('klipper_result')]).toEqual([
    ...[[], uid, uuid, 'done', 'verified'],
  ]);
  const json = await saved(stage, stage.button(texts.history.save.json).click());
  expect(JSON.parse(json.text)).toMatchObject([{ uid, status: 'done', canbusUuid: uuid }]);
  const report = await saved(stage, stage.button(texts.history.save.report).click());
  expect(report.text).toMatch(/^<!doctype html>/);
  expect(report.text).toContain(uid);

  await details.getByRole('button', { name: texts.labels.make }).click();
  const dialog = page.getByRole('dialog');
  const code = await scanned(dialog.getByRole('img', { name: texts.labels.preview(1) }));
  expect(code).toBe(boardCodeText({ uid, canbusUuid: uuid }));
  const pdf = await saved(stage, dialog.getByRole('button', { name: texts.labels.pdf }).click());
  expect(pdf.text.startsWith('%PDF-1.4')).toBe(true);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  // A scanner types what it read and ends it with Enter. Virtual flash does not wear.
  await page.getByRole('textbox', { name: texts.history.whatTitle }).fill(code!);
  await page.keyboard.press('Enter');
  await page.getByText(texts.history.wearOf(0, 10_000, 1), { exact: true }).waitFor();
  expect(stage.window.faults).toEqual([]);
});
