import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { texts } from '../../renderer/texts/en.ts';
import { Hands, trustPi } from './hands.ts';
import type { Stage } from './stage.ts';

const words = texts.pi;
const handsOnPi = texts.virtual.pi;

const tab = (stage: Stage, name: string): Promise<void> => stage.page.getByRole('tab', { name }).click();

/** The screen of a Pi with a finished bridge in it, from the first login to taking a change back. */
export const piWalk = {
  name: 'pi',
  bench: {
    boards: [
      {
        ...({ id: 'octopus', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1' } as const),
        flash: [
          { address: 0x08000000, file: 'katapult.bin' },
          { address: 0x08008000, file: 'klipper.bin' },
        ],
      },
    ],
  },
  files: { 'katapult.bin': makeKatapultImage(), 'klipper.bin': makeKlipperImage() },
  scenes: [
    {
      name: 'pi-moonraker-key',
      reach: async (stage: Stage) => {
        await Hands.show(stage.page);
        await stage.page.getByRole('switch', { name: handsOnPi.wantsKey }).click();
        await stage.page.getByRole('switch', { name: handsOnPi.wantsKey, checked: true }).waitFor();
        await stage.button(texts.virtual.hide).click();
        await stage.show('pi');
        await stage.page.getByRole('link', { name: /Virtual Pi/ }).click();
        await stage.button(words.makePlan).click();
        await trustPi(stage.page);
        await stage.heading(words.questions['moonraker-key']);
      },
    },
    {
      name: 'pi-blocked',
      reach: async (stage: Stage) => {
        await stage.button(texts.cancel).click();
        await stage.button(words.confirmedIdle).waitFor();
      },
    },
    {
      name: 'pi-plan',
      reach: async (stage: Stage) => {
        await stage.button(words.confirmedIdle).click();
        await stage.button(words.apply).and(stage.page.locator(':enabled')).waitFor();
      },
    },
    {
      name: 'pi-applied',
      reach: async (stage: Stage) => {
        await stage.button(words.apply).click();
        await stage.heading(words.applied);
      },
    },
    {
      name: 'pi-facts',
      reach: async (stage: Stage) => {
        await tab(stage, words.areas.facts);
        await stage.page.getByRole('rowheader', { name: 'can0' }).waitFor();
      },
    },
    {
      name: 'pi-undo',
      reach: async (stage: Stage) => {
        await tab(stage, words.areas.changes);
        await stage.button(words.showUndo).click();
        await stage.button(words.undo).waitFor();
      },
    },
    {
      name: 'pi-doctor',
      reach: async (stage: Stage) => {
        await tab(stage, words.areas.doctor);
        await stage.page.getByRole('tabpanel').getByRole('listitem').first().waitFor();
      },
    },
  ],
};
