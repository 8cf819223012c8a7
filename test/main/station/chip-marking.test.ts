import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { romSerial } from '../../../main/sim/rom-dfu/rom-strings.ts';
import { codeOf } from '../../error-code.ts';
import { allVariants, ChipRig, type Chosen } from './chip-rig.ts';
import { openPis, type PisFixture } from './pis-fixture.ts';

const variants = await allVariants();
const uid = '430014000A50534E4E313120';
/** An F446 whose ROM reports what none was seen to: only what is printed on it settles what it is. */
const odd: BoardInput = {
  ...{ id: 'odd', mcu: 'stm32f446xx', uid, port: '1-1', boot0: true },
  rom: { serial: romSerial('stm32f407xx', Buffer.from(uid, 'hex')) },
};

function variant(reference: string): Chosen {
  const found = variants.find((each) => each.reference === reference);
  if (found === undefined) throw new Error(reference);
  return found;
}
const f446 = variant('btt-octopus:f446');

let desk: PisFixture;
beforeAll(async () => {
  desk = await openPis();
});
afterAll(() => desk[Symbol.asyncDispose]());

describe('a marking that a person read off the chip', () => {
  it('takes a flow on to a running bridge, after one that was misread', async () => {
    await using rig = await ChipRig.open([odd], desk.desk);
    const { presetId, variantId } = f446;
    const images = await rig.keysOf(f446);
    const { id } = rig.flows.start('usb:1-1');
    const choose = (choice: Parameters<typeof rig.flows.choose>[0]['choice']) =>
      rig.flows.choose({ id, choice });
    const trouble = async (code: string) => rig.flowStates.until((flow) => flow.trouble?.code === code);
    const vouch = (chipMarking: string) =>
      choose({ type: 'vouch', confirmations: { chipMarking, crystalHz: null } });
    choose({ type: 'choose-board', board: { presetId, variantId } });
    choose({ type: 'choose-images', images });
    await trouble('chip/marking-needed');
    vouch('stm32 f407 zet6');
    await trouble('chip/marking-mismatch');
    expect(codeOf(() => vouch('what is this'))).toBe('chip/bad-marking');
    vouch('stm32f446zet6');
    await rig.flowStates.until(({ stage }) => stage === 'pi');
    expect(rig.bench.board('odd').running).toBe('can-bridge');
  });

  it('takes a slot of the bench on, and holds for this board only', async () => {
    await using rig = await ChipRig.open([odd], desk.desk);
    const { presetId, variantId } = f446;
    const order = { board: { presetId, variantId }, images: await rig.keysOf(f446), target: null };
    await rig.runner.arm({ ...order, modes: ['dfu'], confirmed: true });
    await rig.benchIsOver(1);
    const slot = () => rig.runner.state.slots[0];
    expect(slot()?.trouble).toMatchObject({ code: 'chip/marking-needed', details: { asks: 'marking' } });
    rig.runner.choose({ type: 'vouch', place: 'usb:1-1', chipMarking: 'STM32F446ZET6' });
    await rig.benchIsOver(1);
    expect(slot()).toMatchObject({ stage: 'done', uid });
    expect(rig.bench.board('odd').running).toBe('can-bridge');
  });
});
