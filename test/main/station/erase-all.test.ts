import { afterAll, beforeAll, expect, it } from 'vitest';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import { allVariants, ChipRig } from './chip-rig.ts';
import { openPis, type PisFixture } from './pis-fixture.ts';

const variants = await allVariants();
let desk: PisFixture;
beforeAll(async () => {
  desk = await openPis();
});
afterAll(() => desk[Symbol.asyncDispose]());

it('lets a flow erase all of an H723 once a person allows it', async () => {
  const chosen = variants.find(({ reference }) => reference === 'btt-octopus:h723');
  if (chosen === undefined) throw new Error('there is no such preset');
  const other = { address: 0x08060000, bytes: new Uint8Array(64).fill(0x5a) };
  const board = { id: 'a', mcu: 'stm32h723xx', port: '1-1', boot0: true, flash: [other] } as const;
  const uid = '430014000A50534E4E313120';
  const { presetId, variantId, crystalHz, pins } = chosen;
  await using rig = await ChipRig.open(
    [{ ...board, uid, crystalHz, canPins: [...pins], flash: [other] }],
    desk.desk,
  );
  const { id } = rig.flows.start('usb:1-1');
  rig.flows.choose({ id, choice: { type: 'choose-board', board: { presetId, variantId } } });
  rig.flows.choose({ id, choice: { type: 'choose-images', images: await rig.keysOf(chosen) } });
  rig.flows.choose({ id, choice: { type: 'confirm' } });
  const refused = await rig.flowStates.until((state) => state.id === id && state.trouble !== null);
  expect(refused.trouble).toMatchObject({ code: 'dfu/erase-all-not-confirmed', state: 'untouched' });
  expect(rig.bench.board('a').flash.read(other.address, 64)).toEqual(other.bytes);
  rig.flows.choose({ id, choice: { type: 'vouch', confirmations: { ...noConfirmations, eraseAll: true } } });
  await rig.flowStates.until((state) => state.id === id && state.trouble === null);
  const done = await rig.flowStates.until(
    (state) =>
      state.id === id && (state.stage === 'pi' || (state.stage === 'flash' && state.trouble !== null)),
  );
  expect([done.stage, done.trouble]).toEqual(['pi', null]);
  expect(rig.bench.board('a').flash.read(other.address, 64)).toEqual(new Uint8Array(64).fill(0xff));
});
