import { describe, expect, it } from 'vitest';
import { usualBus, type BusSettings } from '../../../../app/units.ts';
import { defaultWishes } from '../../../../app/pi/plan-types.ts';
import { busOf, defaultSettings } from '../../../../app/settings/settings.ts';
import { WishesForm, type WishedBoard } from '../../../../renderer/features/pi/wishes-form.svelte.ts';

const canbusUuid = '6beb0175188a';

const formOf = (boards: readonly WishedBoard[], usual: () => BusSettings = () => usualBus): WishesForm =>
  new WishesForm(boards, usual);

describe('the wishes of the form', () => {
  it('are the usual ones with the board that is known', () => {
    const boards = [{ section: 'mcu', canbusUuid }];
    expect(formOf(boards).wishes).toEqual({ ...defaultWishes, boards });
  });

  it('start from the bit rate and the queue length of the settings, also of those that come later', () => {
    let settings = defaultSettings;
    const form = formOf([], () => busOf(settings));
    settings = { ...settings, defaultBitrateBps: 500_000, defaultTxQueueLength: 256 };
    expect(form.wishes).toMatchObject({ bitrateBps: 500_000, txQueueLength: 256 });
    form.bitrateBps = '250000';
    expect(form.wishes).toMatchObject({ bitrateBps: 250_000, txQueueLength: 256 });
  });

  it('take a UUID in capitals and refuse one that is none', () => {
    const form = formOf([{ section: 'mcu', canbusUuid: ' 6BEB0175188A ' }]);
    expect(form.wishes?.boards).toEqual([{ section: 'mcu', canbusUuid }]);
    form.boards[0]!.canbusUuid = '6beb';
    expect(form.wishes).toBeNull();
  });

  it('leave the board of a flow for the station to name, until a person names another in its place', () => {
    const form = formOf([{ section: 'mcu', canbusUuid, isOwn: true }]);
    form.boards[0]!.section = 'mcu toolhead';
    expect(form.flowWishes?.boards).toEqual([{ section: 'mcu toolhead', canbusUuid: null }]);
    form.removeBoard(0);
    form.addBoard('0e1a2b3c4d5e');
    expect(form.flowWishes?.boards).toEqual([{ section: 'mcu', canbusUuid: '0e1a2b3c4d5e' }]);
    form.boards[0]!.canbusUuid = '';
    expect(form.flowWishes).toBeNull();
  });

  it('take over what the doctor advises, and keep the rest', () => {
    const form = formOf([{ section: 'mcu', canbusUuid }]);
    form.bitrateBps = '500000';
    form.take({ pinToUsbSerial: '430014000A50534E4E313120', interfaceName: 'bridge0', hat: 'comment-out' });
    expect(form.wishes).toEqual({
      ...defaultWishes,
      boards: [{ section: 'mcu', canbusUuid }],
      bitrateBps: 500_000,
      pinToUsbSerial: '430014000A50534E4E313120',
      interfaceName: 'bridge0',
      hat: 'comment-out',
    });
    form.take({ boards: [{ section: 'mcu toolhead', canbusUuid }] });
    expect(form.wishes?.boards).toEqual([{ section: 'mcu toolhead', canbusUuid }]);
    expect(form.wishes?.interfaceName).toBe('bridge0');
  });

  it('refuse rates, lengths and names that a Pi could not take', () => {
    for (const [field, wrong] of [
      ['bitrateBps', '2000000'],
      ['bitrateBps', 'fast'],
      ['txQueueLength', '0'],
      ['interfaceName', 'can 0'],
      ['interfaceName', 'a-name-that-is-too-long'],
    ] as const) {
      const form = formOf([]);
      form[field] = wrong;
      expect(form.wishes, `${field} ${wrong}`).toBeNull();
    }
  });

  it('want a fixed name for an interface that is tied to a board', () => {
    const form = formOf([]);
    form.pin = '430014000A50534E4E313120';
    expect(form.wishes).toBeNull();
    form.interfaceName = 'bridge0';
    expect(form.wishes).toMatchObject({ interfaceName: 'bridge0', pinToUsbSerial: form.pin });
  });

  it('give a second board its own section', () => {
    const form = formOf([{ section: 'mcu', canbusUuid }]);
    form.addBoard('0123456789ab');
    expect(form.wishes?.boards.map(({ section }) => section)).toEqual(['mcu', 'mcu toolhead']);
    form.removeBoard(0);
    expect(form.wishes?.boards).toHaveLength(1);
  });
});
