import { describe, expect, it } from 'vitest';
import { checkBoard, type BackedUpChip, type FoundChip } from '../../../app/backups/check-board.ts';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { boardCodeText } from '../../../app/history/board-code.ts';
import { codeOfRejection } from '../../error-code.ts';

const uid = '430014000A50534E4E313120';
const otherUid = '39001B000C51313339373836';
/** hex8(word0 + word2) + hex4(word1 >> 16) of `otherUid`. */
const otherSerial = '365337723331';

const known: BackedUpChip = { name: '20261126-101530-3fa2', uid, dfuSerial: 'STM32FxSTM32' };
const unnamed: BackedUpChip = { ...known, uid: null };
const silent: FoundChip = { uid: null, dfuSerial: 'STM32FxSTM32' };

function check(backup: BackedUpChip, found: FoundChip, label: string | null = null): Promise<string> {
  return checkBoard(backup, found, () => Promise.resolve(label));
}

describe('whether a chip is the one of a backup', () => {
  it('is proven by its ROM, without a question', async () => {
    const asked = (): Promise<never> => Promise.reject(new Error('asked'));
    expect(await checkBoard(known, { ...silent, uid }, asked)).toBe('rom');
    expect(await codeOfRejection(checkBoard(known, { ...silent, uid: otherUid }, asked))).toBe(
      'backup/wrong-chip',
    );
  });

  it('is confirmed by the label if the ROM reports no UID: UID, canbus_uuid or code, in any form', async () => {
    for (const label of [
      uid,
      uid.toLowerCase(),
      canbusUuid(uid),
      ` canbus_uuid: ${canbusUuid(uid)} `,
      boardCodeText({ uid, canbusUuid: canbusUuid(uid) }),
    ]) {
      expect(await check(known, silent, label)).toBe('person');
    }
  });

  it('is not confirmed by the label of another board, without a label, or by invalid text', async () => {
    expect(await codeOfRejection(check(known, silent, otherUid))).toBe('backup/wrong-chip');
    expect(await codeOfRejection(check(known, silent, canbusUuid(otherUid)))).toBe('backup/wrong-chip');
    expect(await codeOfRejection(check(known, silent, null))).toBe('backup/not-confirmed');
    expect(await codeOfRejection(check(known, silent, '  '))).toBe('backup/not-confirmed');
    expect(await codeOfRejection(check(known, silent, 'yes'))).toBe('uid/invalid');
    expect(await codeOfRejection(check(known, silent, known.name))).toBe('uid/invalid');
  });

  it('is refused by a serial number that the UID does not give, whatever a person says', async () => {
    const f407 = { uid: null, dfuSerial: otherSerial };
    expect(await check({ ...known, uid: otherUid, dfuSerial: otherSerial }, f407, otherUid)).toBe('person');
    expect(await codeOfRejection(check({ ...known, dfuSerial: null }, f407, uid))).toBe('backup/wrong-chip');
    expect(await codeOfRejection(check({ ...unnamed, dfuSerial: '123456789ABC' }, f407, unnamed.name))).toBe(
      'backup/wrong-chip',
    );
  });

  it('is confirmed by the name of a backup whose chip never reported its UID', async () => {
    expect(await check(unnamed, silent, unnamed.name)).toBe('person');
    expect(await codeOfRejection(check(unnamed, silent, uid))).toBe('backup/not-confirmed');
    expect(await codeOfRejection(check(unnamed, { ...silent, uid }, null))).toBe('backup/not-confirmed');
    expect(await check(unnamed, { ...silent, uid }, uid)).toBe('person');
    expect(await codeOfRejection(check(unnamed, { ...silent, uid }, otherUid))).toBe('backup/wrong-chip');
  });

  it('leaves the board untouched where it is refused', async () => {
    await expect(check(known, silent)).rejects.toMatchObject({ state: 'untouched', details: { uid } });
    await expect(check(known, silent, otherUid)).rejects.toMatchObject({ state: 'untouched' });
  });
});
