import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { chooseBoard, Hands, listBoards, startWithoutPrinter } from './hands.ts';
import { Stage } from './stage.ts';

const uid = '2B0045000B50415833323520';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** A bridge, a toolhead that is still in its box, and the same toolhead as it hangs on the bus of that bridge later. */
const openBench = (): Promise<Stage> =>
  Stage.open(
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
          canNodes: [{ uuid: canbusUuid(uid), application: 'katapult', mcu: 'stm32g0b1xx' }],
        },
        { id: 'toolhead', mcu: 'stm32g0b1xx', flashKiB: 128, uid, port: '1-2', powered: false },
      ],
    },
    { 'katapult.bin': makeKatapultImage(), 'bridge.bin': makeKlipperImage() },
  );

it(
  'a toolhead comes from its box to Klipper over CAN, Katapult over USB first',
  { timeout: 240_000 },
  async () => {
    await using stage = await openBench();
    const { page } = stage;
    await startWithoutPrinter(page);
    await chooseBoard(page, /EBB36 \/ EBB42 v1.1/);
    await stage.button(texts.firmware.useSamples).click();
    await stage.button(texts.firmware.writeThese).click();
    await stage.button(texts.flow.isSo).click();
    await page.getByRole('heading', { name: texts.flow.toDfu }).waitFor();
    await Hands.show(page);
    const hands = stage.hands('toolhead');
    await hands.intoDfu();

    await page.getByRole('heading', { name: texts.bus.title }).waitFor({ timeout: 120_000 });
    await page.getByText(canbusUuid(uid), { exact: true }).first().waitFor();
    await hands.power(false);
    await stage.button(texts.bus.write('usb:1-4')).click();
    await page.getByRole('heading', { name: texts.bus.doneTitle }).waitFor({ timeout: 120_000 });
    await page
      .getByText(`canbus_uuid: ${canbusUuid(uid)}`)
      .first()
      .waitFor();

    // What the bus says now.
    await stage.button(texts.flow.finish).click();
    await stage.button(texts.nodes.look).click();
    const row = page
      .getByRole('region', { name: texts.nodes.title })
      .getByRole('listitem')
      .filter({ hasText: canbusUuid(uid) });
    await row.getByText(texts.nodes.applications.klipper, { exact: true }).waitFor();
    expect(stage.window.faults).toEqual([]);
  },
);

it(
  'a toolhead that cannot be written over USB is refused with the other ways',
  { timeout: 120_000 },
  async () => {
    await using stage = await openBench();
    await startWithoutPrinter(stage.page);
    await listBoards(stage.page);
    await stage.page.getByRole('button', { name: /^Huvud/ }).click();
    await stage.button(texts.picker.use).click();
    await stage.page.getByText('preset/no-usb-bootloader').first().waitFor();
    await stage.page
      .getByText(/ST-Link/)
      .first()
      .waitFor();
  },
);

it(
  'the bench gives a toolhead Katapult over USB, and the card of its bridge offers it the Klipper of the recipe',
  { timeout: 240_000 },
  async () => {
    await using stage = await openBench();
    const { page } = stage;
    await stage.button(texts.batch.arm).click();
    await chooseBoard(page, /EBB36 \/ EBB42 v1.1/);
    await stage.button(texts.firmware.useSamples).click();
    await stage.button(texts.firmware.writeThese).click();
    await page.getByText(texts.batch.nodeHint).waitFor();
    for (const box of await page
      .getByRole('group', { name: texts.batch.confirmsTitle })
      .getByRole('checkbox')
      .all())
      await box.check();
    await stage.button(texts.batch.armNow).click();
    await page.getByText(texts.batch.armedText).waitFor();
    await Hands.show(page);
    const hands = stage.hands('toolhead');
    await hands.intoDfu();
    const counter = page.getByRole('region', { name: texts.batch.title }).locator('dl > div');
    await counter
      .filter({ hasText: texts.batch.done })
      .getByText('1', { exact: true })
      .waitFor({ timeout: 120_000 });
    await hands.power(false);

    await stage.button(texts.batch.views.cards).click();
    await stage.button(texts.nodes.look).click();
    const row = page
      .getByRole('region', { name: texts.nodes.title })
      .getByRole('listitem')
      .filter({ hasText: canbusUuid(uid) });
    await row.getByRole('button', { name: /EBB/ }).click();
    await row.getByText(texts.nodes.done('').trim()).waitFor({ timeout: 120_000 });
    expect(stage.window.faults).toEqual([]);
  },
);
