import type { BenchInput } from '../../main/sim/bench-config.ts';
import { texts } from '../../renderer/texts/en.ts';
import { chooseBoard, Hands, startWithoutPrinter } from './hands.ts';
import type { Stage } from './stage.ts';
import type { Walk } from './walk.ts';

/** One board whose maker's bootloader takes firmware from a card: a Fly-Super8, off. */
export const cardBench = {
  boards: [
    {
      ...{ id: 'board', mcu: 'stm32f407xx', uid: '430014000A50534E4E313120', port: '1-1', powered: false },
      canPins: ['PB8', 'PB9'],
      cardBootloader: { file: 'firmware.bin', offsetKiB: 32 },
    },
  ],
} satisfies BenchInput;

/** From the bench to the stage in which the card is written, with an image that fits. */
export async function toCardStage(stage: Stage): Promise<void> {
  const { page } = stage;
  await Hands.show(page);
  await startWithoutPrinter(page);
  await chooseBoard(page, /Fly-Super8 v1/);
  await stage.button(texts.card.offer).click();
  await stage.heading(texts.card.title);
  await stage.button(texts.card.useSample).click();
  await page.getByRole('radio', { name: /klipper \(virtual\)/, checked: true }).waitFor();
}

/** Until the station waits for the board. */
export async function writeCard(stage: Stage): Promise<void> {
  await stage.page.getByRole('radio', { name: /VIRTUAL/ }).check();
  await stage.button(texts.card.write).click();
  await stage.heading(texts.card.bootTitle);
}

export const cardWalk: Walk = {
  name: 'sd-card',
  bench: cardBench,
  scenes: [
    {
      name: 'card-offer',
      reach: async (stage) => {
        await Hands.show(stage.page);
        await startWithoutPrinter(stage.page);
        await chooseBoard(stage.page, /Fly-Super8 v1/);
        await stage.button(texts.card.offer).scrollIntoViewIfNeeded();
      },
    },
    {
      name: 'card-choice',
      reach: async (stage) => {
        await stage.button(texts.card.offer).click();
        await stage.button(texts.card.useSample).click();
        await stage.page.getByRole('radio', { name: /klipper \(virtual\)/, checked: true }).waitFor();
        await stage.page.getByRole('radio', { name: /VIRTUAL/ }).check();
      },
    },
    {
      name: 'card-boot',
      reach: async (stage) => {
        await stage.button(texts.card.write).click();
        await stage.heading(texts.card.bootTitle);
      },
    },
  ],
};
