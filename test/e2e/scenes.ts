import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { helpTexts } from '../../renderer/texts/help.ts';
import { texts } from '../../renderer/texts/en.ts';
import { chooseBoard, Hands, startFlow, startWithoutPrinter, trustPi, useBoard } from './hands.ts';
import { cardWalk } from './card-scenes.ts';
import { piWalk } from './pi-scenes.ts';
import type { Stage } from './stage.ts';
import type { Scene, Walk } from './walk.ts';

const scene = (name: string, reach: Scene['reach']): Scene => ({ name, reach });

const uid = (n: number): string => `43001400${n.toString(16).toUpperCase().padStart(2, '0')}50534E4E313120`;

const address = { katapult: 0x08000000, klipper: 0x08008000 };
const flashed = (...kinds: ('katapult' | 'klipper')[]) =>
  kinds.map((kind) => ({ address: address[kind], file: `${kind}.bin` }));

/** Boards in every state that a bench has at the end of a working day. */
const fullBench: Walk = {
  name: 'bench',
  bench: {
    boards: [
      { id: 'octopus', mcu: 'stm32f446xx', uid: uid(1), port: '1-1', flash: flashed('katapult', 'klipper') },
      { id: 'spider', mcu: 'stm32f446xx', uid: uid(2), port: '1-2', flash: flashed('katapult') },
      { id: 'bare', mcu: 'stm32f446xx', uid: uid(3), port: '1-3.1', boot0: true },
      {
        ...{ id: 'locked', mcu: 'stm32f429xx', uid: uid(4), port: '1-3.2', boot0: true },
        faults: [{ kind: 'access', code: 'link/access' }],
      },
      { id: 'worn', mcu: 'stm32f446xx', uid: uid(5), port: '1-4', powered: false },
      { id: 'busy', mcu: 'stm32f446xx', uid: uid(6), port: '1-5', powered: false },
    ],
  },
  files: { 'katapult.bin': makeKatapultImage(), 'klipper.bin': makeKlipperImage() },
  scenes: [
    scene('bench', async ({ page }) => {
      await page.getByText(texts.modes['can-bridge'], { exact: true }).first().waitFor();
      await page.getByRole('article').nth(3).waitFor();
    }),
    scene('bench-virtual', async ({ page }) => Hands.show(page)),
    scene('flow-failed', async (stage) => {
      await startFlow(stage.page);
      await throughFirmware(stage, /Octopus v1/, 'STM32F446');
      await stage.hands('worn').fault('stuck-bit');
      await stage.hands('worn').intoDfu();
      await stage.page.getByRole('alert').waitFor();
    }),
    scene('bench-busy', async (stage) => {
      await stage.show('bench');
      await startFlow(stage.page, { isNew: false });
      await throughFirmware(stage, /Octopus v1/, 'STM32F446');
      await stage.hands('busy').intoDfu();
      await stage.heading(texts.flow.fromDfu);
      await stage.show('bench');
      await stage.page.getByText(texts.asks['remove-jumper'].title, { exact: true }).waitFor();
    }),
    scene('bench-map', async (stage) => {
      await stage.button(texts.virtual.hide).click();
      await stage.button(texts.batch.views.map).click();
      await stage.button(texts.batch.arrange).waitFor();
    }),
    scene('bench-arm', async (stage) => {
      await stage.button(texts.batch.views.cards).click();
      await stage.button(texts.batch.arm).click();
      await stage.heading(texts.batch.setUpTitle);
    }),
  ],
};

async function throughFirmware({ page }: Stage, board: RegExp, marking: string): Promise<void> {
  await useBoard(page, board, marking);
  await page.getByRole('heading', { name: texts.flow.toDfu }).waitFor();
}

/** One board from the box to the bridge, and the screens beside it. */
const oneBoard: Walk = {
  name: 'flow',
  // Slow enough that what goes by can be seen.
  bench: {
    timeScale: 2,
    boards: [{ id: 'board', mcu: 'stm32f446xx', uid: uid(1), port: '1-1', powered: false }],
  },
  scenes: [
    scene('bench-empty', ({ page }) => page.getByText(texts.bench.emptyTitle).waitFor()),
    scene('flow-printer', async (stage) => {
      await stage.button(texts.bench.setUp).click();
      await stage.page.getByRole('button', { name: /Virtual Pi/ }).waitFor();
    }),
    scene('flow-pi-key', async (stage) => {
      await stage.page.getByRole('button', { name: /Virtual Pi/ }).click();
      await stage.button(texts.pi.trust).waitFor();
    }),
    scene('picker', async ({ page }) => {
      await trustPi(page);
      await page.getByText(texts.picker.lookFirst).waitFor();
    }),
    scene('picker-none', async ({ page }) => {
      await page.getByRole('searchbox').fill('ender');
      await page.getByText(texts.picker.noneFound).waitFor();
    }),
    scene('picker-board', async ({ page }) => {
      await page.getByRole('searchbox').fill('octopus');
      await page.getByRole('button', { name: /Octopus Pro v1.0/ }).click();
      await page.getByRole('radio', { name: 'STM32F446' }).check();
    }),
    // The firmware comes by itself; a person who wants another goes back to it.
    scene('flow-firmware', async (stage) => {
      await stage.button(texts.picker.use).click();
      await stage.heading(texts.flow.gateTitle);
      await stage.page
        .getByRole('list', { name: texts.flow.steps })
        .getByRole('button', { name: new RegExp(texts.flow.stages.firmware) })
        .click();
      await stage.page.getByText(texts.ownFirmware.chosen).waitFor();
    }),
    scene('flow-images', async (stage) => {
      await stage.page.getByText(texts.ownFirmware.advanced).click();
      await stage.button(texts.firmware.writeThese).and(stage.page.locator(':enabled')).waitFor();
    }),
    scene('flow-gate', async (stage) => {
      await stage.button(texts.firmware.writeThese).click();
      await stage.heading(texts.flow.gateTitle);
    }),
    scene('flow-dfu', async (stage) => {
      await stage.button(texts.flow.isSo).click();
      await stage.heading(texts.flow.toDfu);
    }),
    scene('flow-dfu-hints', async ({ page }) => {
      await page.clock.setFixedTime(Date.now() + 100_000);
      await page.getByText(texts.flow.dfuHints['take-off-attachments']).waitFor();
    }),
    scene('flow-write', async (stage) => {
      await stage.page.clock.setFixedTime(Date.now());
      await Hands.show(stage.page);
      await stage.hands('board').intoDfu();
      await stage.page.getByRole('progressbar').first().waitFor();
    }),
    scene('flow-jumper', async (stage) => {
      await stage.button(texts.virtual.hide).click();
      await stage.heading(texts.flow.fromDfu);
    }),
    scene('flow-pi', async (stage) => {
      await Hands.show(stage.page);
      await stage.hands('board').outOfDfu();
      await stage.button(texts.virtual.hide).click();
      await stage.button(texts.pi.apply).waitFor();
    }),
    scene('flow-done', async (stage) => {
      await stage.button(texts.pi.apply).click();
      await stage.heading(texts.flow.doneTitle);
    }),
    scene('bench-done', (stage) => stage.show('bench')),
    scene('pi', (stage) => stage.show('pi')),
    scene('pi-plan', async (stage) => {
      await stage.page.getByRole('link', { name: /pi@virtual-pi/ }).click();
      await stage.page.getByRole('tab', { name: texts.pi.areas.plan }).waitFor();
    }),
    scene('pi-facts', ({ page }) => page.getByRole('tab', { name: texts.pi.areas.facts }).click()),
    scene('pi-changes', ({ page }) => page.getByRole('tab', { name: texts.pi.areas.changes }).click()),
    scene('pi-doctor', async (stage) => {
      await stage.page.getByRole('tab', { name: texts.pi.areas.doctor }).click();
      await stage.page
        .getByText(`${texts.pi.verdicts.fine}:`, { exact: true })
        .first()
        .waitFor({ state: 'attached' });
    }),
    scene('history', async (stage) => {
      await stage.show('history');
      await stage.page.getByLabel(texts.history.reality).selectOption('all');
      await stage.page.getByText(texts.history.statuses.done, { exact: true }).last().waitFor();
    }),
    scene('history-run', async ({ page }) => {
      await page
        .getByRole('row', { name: texts.history.run(1) })
        .getByRole('link')
        .click();
      await page.getByRole('button', { name: texts.history.whatIsIt }).click();
      await page.getByText(texts.history.wear, { exact: true }).waitFor();
    }),
    scene('history-label', async (stage) => {
      await stage.button(texts.labels.make).first().click();
      await stage.page.getByRole('img', { name: texts.labels.preview(1) }).waitFor();
    }),
    scene('firmware', async (stage) => {
      await stage.page.keyboard.press('Escape');
      await stage.show('firmware');
    }),
    scene('firmware-build', ({ page }) => page.getByRole('link', { name: texts.images.tabs.build }).click()),
    scene('settings', (stage) => stage.show('settings')),
    scene('help', async (stage) => {
      await stage.page.keyboard.press('F1');
      await stage.heading(texts.pages.settings);
    }),
    scene('help-keyboard', async ({ page }) => {
      await page.getByRole('link', { name: helpTexts.topicNames.shortcuts }).click();
      await page.getByRole('table').waitFor();
    }),
    scene('help-report', async ({ page }) => {
      await page.getByRole('link', { name: helpTexts.topicNames.report }).click();
      await page.getByRole('button', { name: helpTexts.report.collect }).click();
      await page.getByRole('button', { name: helpTexts.report.save }).waitFor();
    }),
  ],
};

/** Every screen and state that is looked at: by axe in the tests, by `npm run screens` for the pictures. */
const toolheadUid = '2B0045000B50415833323520';

/** A toolhead between its USB cable and its bus. */
const toolhead: Walk = {
  name: 'toolhead',
  bench: {
    timeScale: 0.25,
    boards: [
      {
        ...{ id: 'bridge', mcu: 'stm32f446xx', uid: uid(1), port: '1-4' },
        flash: flashed('katapult', 'klipper'),
        canNodes: [{ uuid: canbusUuid(toolheadUid), application: 'katapult', mcu: 'stm32g0b1xx' }],
      },
      {
        ...{ id: 'toolhead', mcu: 'stm32g0b1xx', flashKiB: 128, uid: toolheadUid, port: '1-2' },
        powered: false,
      },
    ],
  },
  files: { 'katapult.bin': makeKatapultImage(), 'klipper.bin': makeKlipperImage() },
  scenes: [
    scene('toolhead-bus', async (stage) => {
      await startWithoutPrinter(stage.page);
      await chooseBoard(stage.page, /EBB36 \/ EBB42 v1.1/);
      await stage.button(texts.firmware.useSamples).click();
      await stage.button(texts.firmware.writeThese).click();
      await stage.button(texts.flow.isSo).click();
      await Hands.show(stage.page);
      await stage.hands('toolhead').intoDfu();
      await stage.page.getByRole('heading', { name: texts.bus.title }).waitFor();
    }),
    scene('toolhead-done', async (stage) => {
      await stage.button(texts.bus.write('usb:1-4')).click();
      await stage.page.getByRole('heading', { name: texts.bus.doneTitle }).waitFor();
    }),
    scene('toolhead-arm', async (stage) => {
      const { page } = stage;
      await stage.button(texts.flow.finish).click();
      await stage.button(texts.virtual.title).click();
      await stage.button(texts.batch.arm).click();
      await chooseBoard(page, /EBB36 \/ EBB42 v1.1/);
      await stage.button(texts.firmware.writeThese).click();
      await page.getByText(texts.batch.nodeHint).waitFor();
    }),
    scene('toolhead-nodes', async (stage) => {
      const { page } = stage;
      const ticks = page.getByRole('group', { name: texts.batch.confirmsTitle }).getByRole('checkbox');
      for (const tick of await ticks.all()) await tick.check();
      await stage.button(texts.batch.armNow).click();
      await page.getByText(texts.batch.armedText).waitFor();
      await stage.button(texts.batch.views.cards).click();
      await stage.button(texts.nodes.look).click();
      const nodes = page.getByRole('region', { name: texts.nodes.title });
      await nodes.getByRole('button', { name: /EBB36/ }).waitFor();
    }),
  ],
};

export const walks: readonly Walk[] = [toolhead, oneBoard, fullBench, piWalk, cardWalk];
