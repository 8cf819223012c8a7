import { describe, expect, it } from 'vitest';
import { defaultWishes } from '../../../../app/pi/plan-types.ts';
import { WishesForm } from '../../../../renderer/features/pi/wishes-form.svelte.ts';

const canbusUuid = '6beb0175188a';

describe('the wishes of the form', () => {
  it('are the usual ones with the board that is known', () => {
    const boards = [{ section: 'mcu', canbusUuid }];
    expect(new WishesForm(boards).wishes).toEqual({ ...defaultWishes, boards });
  });

  it('take a UUID in capitals and refuse one that is none', () => {
    const form = new WishesForm([{ section: 'mcu', canbusUuid: ' 6BEB0175188A ' }]);
    expect(form.wishes?.boards).toEqual([{ section: 'mcu', canbusUuid }]);
    form.boards[0]!.canbusUuid = '6beb';
    expect(form.wishes).toBeNull();
  });

  it('take over what the doctor advises, and keep the rest', () => {
    const form = new WishesForm([{ section: 'mcu', canbusUuid }]);
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
      const form = new WishesForm();
      form[field] = wrong;
      expect(form.wishes, `${field} ${wrong}`).toBeNull();
    }
  });

  it('want a name of its own for an interface that is tied to a board', () => {
    const form = new WishesForm();
    form.pin = '430014000A50534E4E313120';
    expect(form.wishes).toBeNull();
    form.interfaceName = 'bridge0';
    expect(form.wishes).toMatchObject({ interfaceName: 'bridge0', pinToUsbSerial: form.pin });
  });

  it('give a second board a section of its own', () => {
    const form = new WishesForm([{ section: 'mcu', canbusUuid }]);
    form.addBoard('0123456789ab');
    expect(form.wishes?.boards.map(({ section }) => section)).toEqual(['mcu', 'mcu toolhead']);
    form.removeBoard(0);
    expect(form.wishes?.boards).toHaveLength(1);
  });
});
