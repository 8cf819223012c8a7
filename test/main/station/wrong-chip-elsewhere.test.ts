import { describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { flashStartOf, mcuFacts, mcuNames, type McuName } from '../../../app/mcu/mcu.ts';
import { isRpMcu } from '../../../app/mcu/rp-boot.ts';
import { flashBoard } from '../../../main/jobs/flash-board.ts';
import { restoreBoard } from '../../../main/jobs/restore-board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { usualCrystalHz } from '../../../main/sim/usual-crystal.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { asLoaded, BenchRun } from '../jobs/bench-run.ts';

/** The ways to a chip beside its ROM: chip-matrix.test.ts has those. */
const canRunKatapult = mcuNames.filter((mcu) => mcu !== 'stm32f103xe');
const uidOf = (mcu: McuName): string => (isRpMcu(mcu) ? 'E6614103E7452D2F' : '430014000A50534E4E313120');

function boardIn(mcu: McuName, more: Partial<BoardInput>): BoardInput {
  const crystalHz = isRpMcu(mcu) ? {} : { crystalHz: usualCrystalHz(mcu) };
  return { id: 'a', mcu, uid: uidOf(mcu), port: '1-1', ...crystalHz, ...more };
}

/** The crystal of the Katapult on the board is checked before it is asked for its MCU. */
const refusals = ['image/wrong-mcu', 'katapult/wrong-mcu', 'image/wrong-crystal', 'image/no-bridge-mcu'];

async function refusalOf(work: Promise<unknown>): Promise<CanopusError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isCanopusError(error)) throw new Error('it was not refused with a code', { cause: error });
  return error;
}

describe.each(canRunKatapult)('a board in the Katapult of an %s', (mcu) => {
  it('takes no Klipper for another MCU', async () => {
    const flash = [{ address: flashStartOf(mcu), bytes: makeKatapultImage({ mcu }) }];
    await using run = new BenchRun(boardIn(mcu, { flash }));
    const watch = await run.present('usb:1-1');
    const hasTty = (): true | null => (typeof watch.at('usb:1-1')?.device.tty === 'string' ? true : null);
    await watch.waitFor(hasTty, { timeoutMs: 10_000 });
    const services = { devices: run.bench.devices, clock: run.clock, watch };
    const before = run.board.flash.changes;
    for (const other of mcuNames.filter((each) => each !== mcu)) {
      const application = await asLoaded('klipper.bin', makeKlipperImage({ mcu: other, size: 8_192 }));
      const images = { bootloader: null, application, board: unknownBoard };
      const error = await refusalOf(
        flashBoard(services, { place: 'usb:1-1', images, onEvent: () => undefined }),
      );
      expect(refusals, `${other}: ${error.code}`).toContain(error.code);
      expect(error.state).toBe('untouched');
      expect(run.board.flash.changes).toBe(before);
    }
  });
});

describe('a backup', () => {
  const inDfu = mcuNames.filter((mcu) => mcuFacts[mcu].romDfu !== null);

  it.each(inDfu)('of another chip is not restored to an %s', async (mcu) => {
    await using run = new BenchRun(boardIn(mcu, { boot0: true }));
    const watch = await run.present('usb:1-1');
    const services = { devices: run.bench.devices, clock: run.clock, watch };
    const size = run.board.flash.sizeBytes;
    const before = run.board.flash.changes;
    const record = { uid: '37001A001851303439363932', dfuSerial: null };
    for (const bytes of [new Uint8Array(size).fill(0x5a), new Uint8Array(size / 2).fill(0x5a)]) {
      const backup = { name: 'other', bytes, record: record as never };
      const error = await refusalOf(
        restoreBoard(services, {
          ...{ place: 'usb:1-1', backup, askLabel: () => Promise.resolve(null) },
          onEvent: () => undefined,
        }),
      );
      expect(['backup/wrong-chip', 'backup/not-confirmed', 'backup/wrong-size']).toContain(error.code);
      expect(error.state).toBe('untouched');
      expect(run.board.flash.changes).toBe(before);
    }
  });
});
