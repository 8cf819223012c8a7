import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { texts } from '../../renderer/texts/en.ts';
import { formerContents, same } from '../conformance/dfu-bench.ts';
import { launchChromium, openWindow } from './browser.ts';
import { Hands, toDfuStage } from './hands.ts';
import { ServedStation } from './served-station.ts';

const uid = '430014000A50534E4E313120';
const words = texts.backup.dialog;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

it('a board is written with a backup, and restored from the history', async () => {
  const program = formerContents(40_000);
  const board = { id: 'board', mcu: 'stm32f446xx', uid, port: '1-1', powered: false } as const;
  await using station = await ServedStation.start(
    { boards: [{ ...board, flash: [{ address: '0x08000000', file: 'maker.bin' }] }] },
    { 'maker.bin': program },
  );
  const { page, context, faults } = await openWindow(browser, await station.link());
  const hands = new Hands(page, 'board');
  await Hands.show(page);
  await toDfuStage(page, /Octopus v1/, 'STM32F446');
  await page.getByRole('switch', { name: texts.backup.offer, checked: true }).waitFor();
  await page.getByText(texts.backup.offerText(3)).waitFor();
  await hands.intoDfu();
  await page.getByRole('heading', { name: texts.flow.fromDfu }).waitFor();
  await hands.outOfDfu();
  await page.getByRole('heading', { name: texts.pi.flowTitle }).waitFor();

  const folder = join(station.folder, 'data', 'data', 'backups');
  const names = await readdir(folder);
  const kept = await readFile(
    join(
      folder,
      names.find((name) => name.endsWith('.bin'))!,
    ),
  );
  expect(kept).toHaveLength(512 * 1024);
  expect(same(kept.subarray(0, program.length), program)).toBe(true);

  await hands.intoDfu();
  await page.getByRole('link', { name: texts.history.title }).click();
  await page.getByRole('textbox', { name: texts.history.whatTitle }).fill(uid);
  await page.getByRole('button', { name: texts.history.lookUp }).click();
  await page.getByRole('button', { name: texts.backup.back }).click();
  const dialog = page.getByRole('dialog', { name: words.title });
  await dialog.getByText('512 KiB', { exact: false }).first().waitFor();
  await dialog.getByRole('button', { name: words.start }).and(page.locator(':enabled')).click();
  await dialog.getByText(words.done).waitFor();
  await dialog.getByRole('button', { name: texts.close }).click();

  await page.getByRole('button', { name: texts.history.lookUp }).click();
  await page.getByText(texts.backup.restored).waitFor();
  await context.close();
  expect(faults).toEqual([]);
});
