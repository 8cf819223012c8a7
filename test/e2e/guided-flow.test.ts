import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { makeKlipperImage } from '../../main/sim/sample-images.ts';
import type { BenchInput } from '../../main/sim/bench-config.ts';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium, openWindow, type Window } from './browser.ts';
import { chooseBoard, Hands, listBoards, startWithoutPrinter, toDfuStage } from './hands.ts';
import { ServedStation } from './served-station.ts';

const uid = '430014000A50534E4E313120';

/** One virtual board, empty and off. */
function bench(mcu: 'stm32f407xx' | 'stm32f429xx' | 'stm32f446xx', timeScale = 1): BenchInput {
  return { timeScale, boards: [{ id: 'board', mcu, uid, port: '1-1', powered: false }] };
}

let browser: Browser;
let station: ServedStation | null = null;
let windows: Window[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});
afterEach(async () => {
  const faults = windows.flatMap((window) => window.faults);
  for (const { context } of windows) await context.close();
  windows = [];
  await station?.[Symbol.asyncDispose]();
  station = null;
  expect(faults).toEqual([]);
});

async function open(input: BenchInput): Promise<Page> {
  station = await ServedStation.start(input);
  return another();
}

async function another(): Promise<Page> {
  const window = await openWindow(browser, await station!.link());
  windows.push(window);
  return window.page;
}

const bridge = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: texts.pi.flowTitle }).waitFor();
const done = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: texts.flow.doneTitle }).waitFor();
const jumperOff = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: texts.flow.fromDfu }).waitFor();

describe('a bare board becomes a bridge that its Pi is set up for and was proven to talk to', () => {
  it.each([
    ['stm32f446xx', /Octopus v1/, 'STM32F446'],
    ['stm32f407xx', /Octopus v1/, 'STM32F407'],
    ['stm32f429xx', /Octopus v1/, 'STM32F429'],
  ] as const)('%s', async (mcu, board, marking) => {
    const page = await open(bench(mcu));
    await Hands.show(page);
    const hands = new Hands(page, 'board');
    await toDfuStage(page, board, marking);
    await hands.intoDfu();
    await jumperOff(page);
    await hands.outOfDfu();
    await bridge(page);
    await page.getByText(canbusUuid(uid), { exact: true }).first().waitFor();
    // The plan, once it is unfolded: printer.cfg gets the UUID.
    await page.getByText(/^Details: \d+ steps?$/).click();
    await page
      .getByText(`canbus_uuid: ${canbusUuid(uid)}`)
      .first()
      .waitFor();
    await page.getByRole('button', { name: texts.pi.apply, exact: true }).click();
    await done(page);
    const outcomes = (outcome: string) => page.getByText(`(${outcome})`, { exact: true }).count();
    expect(await outcomes(texts.pi.proofOutcomes.proven)).toBeGreaterThanOrEqual(2);
    expect(await outcomes(texts.pi.proofOutcomes.failed)).toBe(0);
    await page.getByRole('button', { name: texts.flow.toBench }).click();
    await page.getByText(texts.modes['can-bridge'], { exact: true }).first().waitFor();
  });
});

describe('before anything is written', () => {
  it('a board whose heaters may switch on asks first', async () => {
    const page = await open(bench('stm32f446xx'));
    await startWithoutPrinter(page);
    await chooseBoard(page, /Octopus Pro v1.0/, 'STM32F446');
    await Hands.show(page);
    await page.getByRole('button', { name: texts.firmware.useSamples }).click();
    await page.getByRole('button', { name: texts.firmware.writeThese }).click();
    await page.getByRole('button', { name: texts.flow.isSo }).click();
    await page.getByRole('heading', { name: texts.flow.toDfu }).waitFor();
  });

  it('an image for another chip is named with the reason and cannot be chosen', async () => {
    const page = await open(bench('stm32f446xx'));
    await startWithoutPrinter(page);
    await chooseBoard(page, /Octopus v1/, 'STM32F446');
    const wrong = Buffer.from(makeKlipperImage({ mcu: 'stm32f407xx' }));
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'wrong.bin', mimeType: 'application/octet-stream', buffer: wrong });
    await page.getByText(/^\d+ not for this board$/).click();
    await page.getByText(/stm32f407xx.*stm32f446xx/).waitFor();
    expect(await page.getByRole('radio').count()).toBe(0);
    expect(await page.getByRole('button', { name: texts.firmware.writeThese }).isDisabled()).toBe(true);
  });

  it('a file that is not an image is refused with a next step', async () => {
    const page = await open(bench('stm32f446xx'));
    await startWithoutPrinter(page);
    await chooseBoard(page, /Octopus v1/, 'STM32F446');
    const noise = Buffer.from('#!/bin/sh\necho this is not firmware\n'.repeat(50));
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'note.bin', mimeType: 'application/octet-stream', buffer: noise });
    await page.getByText('image/not-an-image').waitFor();
  });

  it('a device that names another MCU contradicts the choice at once', async () => {
    const page = await open(bench('stm32f446xx'));
    await Hands.show(page);
    const hands = new Hands(page, 'board');
    await toDfuStage(page, /Octopus v1/, 'STM32F446');
    await hands.intoDfu();
    await jumperOff(page);
    await hands.outOfDfu();
    await bridge(page);
    await page.getByRole('button', { name: texts.pi.skip }).click();
    await done(page);
    await page.getByText(`canbus_uuid: ${canbusUuid(uid)}`).waitFor();
    await page.getByRole('button', { name: texts.flow.toBench }).click();
    await page.getByRole('button', { name: texts.bench.setUpThis, exact: true }).click();
    await page.getByRole('button', { name: texts.printer.none }).click();
    await listBoards(page);
    await page.getByRole('button', { name: /Octopus v1/ }).click();
    await page.getByRole('radio', { name: 'STM32F407' }).check();
    await page.getByText(texts.picker.contradictionTitle).waitFor();
  });
});

describe('when something goes wrong', () => {
  it('a cable that is pulled while writing is named, and the flow goes on where it was', async () => {
    const page = await open(bench('stm32f446xx'));
    await Hands.show(page);
    const hands = new Hands(page, 'board');
    await toDfuStage(page, /Octopus v1/, 'STM32F446');
    await hands.fault('unplug-in-write');
    await hands.intoDfu();
    await page.getByText('link/gone').waitFor();
    await hands.cable(true);
    await page.getByRole('button', { name: texts.flow.retry }).click();
    await jumperOff(page);
    await hands.outOfDfu();
    await bridge(page);
  });

  it('a board that may not be opened says so in place and goes on as soon as it may', async () => {
    const page = await open(bench('stm32f446xx'));
    await Hands.show(page);
    const hands = new Hands(page, 'board');
    await toDfuStage(page, /Octopus v1/, 'STM32F446');
    await hands.fault('access');
    await hands.intoDfu();
    await page.getByText('No permission to open the device').waitFor();
    await page.getByRole('button', { name: texts.virtual.mend }).click();
    await jumperOff(page);
  });
});

describe('a window is only a view', () => {
  it('a reload in the middle of a write loses nothing: the job goes on and the view catches up', async () => {
    const page = await open(bench('stm32f446xx', 4));
    await Hands.show(page);
    const hands = new Hands(page, 'board');
    await toDfuStage(page, /Octopus v1/, 'STM32F446');
    await hands.intoDfu();
    await page.getByRole('progressbar').first().waitFor();
    await page.reload();
    await page.getByText(texts.steps['install-katapult']).filter({ visible: true }).first().waitFor();
    await page.getByText(texts.log.title, { exact: true }).click();
    await page.getByRole('log').getByText(texts.steps['install-katapult'], { exact: true }).waitFor();
    await jumperOff(page);
  });

  it('two windows on one station show the same', async () => {
    const first = await open(bench('stm32f446xx'));
    await Hands.show(first);
    const hands = new Hands(first, 'board');
    await toDfuStage(first, /Octopus v1/, 'STM32F446');
    const second = await another();
    await second.goto(first.url());
    await second.getByRole('heading', { name: texts.flow.toDfu }).waitFor();
    await hands.intoDfu();
    await Promise.all([jumperOff(first), jumperOff(second)]);
    await hands.outOfDfu();
    await Promise.all([bridge(first), bridge(second)]);
    await second.getByRole('button', { name: texts.pi.skip }).click();
    await Promise.all([done(first), done(second)]);
  });

  it('a flow that was left is there again after the station was killed and started anew', async () => {
    const page = await open(bench('stm32f446xx', 4));
    await Hands.show(page);
    const hands = new Hands(page, 'board');
    await toDfuStage(page, /Octopus v1/, 'STM32F446');
    await hands.intoDfu();
    await page.getByRole('progressbar').first().waitFor();
    const { hash } = new URL(page.url());
    windows[0]!.faults.splice(0);
    await windows.pop()!.context.close();
    await station!.stop('SIGKILL');
    await station!.run();
    const again = await another();
    await again.goto(`${new URL(again.url()).origin}/${hash}`);
    await again.getByText('flow/interrupted').waitFor();
    await Hands.show(again);
    await again.getByRole('button', { name: texts.flow.retry }).click();
    await new Hands(again, 'board').intoDfu();
    await jumperOff(again);
  });
});
