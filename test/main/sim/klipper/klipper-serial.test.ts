import { describe, expect, it } from 'vitest';
import { makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { application, bench, board, flashStart, untilRunning, withKatapult } from '../bench-rig.ts';

const serialKlipper = makeKlipperImage({ role: 'none' });

async function openBench(...flash: { address: number; bytes: Uint8Array }[]) {
  const rig = bench(board({ flash }));
  await untilRunning(rig.bench, 'a', 'klipper-serial');
  await rig.clock.sleep(50);
  return rig;
}

describe('virtual Klipper on USB serial', () => {
  it('enters Katapult when the port is opened at 1200 baud and DTR falls', async () => {
    const { bench: virtual, devices } = await openBench(...withKatapult, {
      address: application,
      bytes: serialKlipper,
    });
    await devices.requestBootloader('1-1');
    await untilRunning(virtual, 'a', 'katapult');
  });

  it('enters the ROM where there is no Katapult', async () => {
    const { bench: virtual, devices } = await openBench({
      address: flashStart,
      bytes: makeKlipperImage({ role: 'none', applicationAddress: flashStart }),
    });
    await devices.requestBootloader('1-1');
    await untilRunning(virtual, 'a', 'dfu');
  });

  it('stays where it is when it is opened and closed at another rate', async () => {
    const {
      bench: virtual,
      devices,
      clock,
    } = await openBench(...withKatapult, {
      address: application,
      bytes: serialKlipper,
    });
    const link = await devices.openSerial('1-1', { baudRate: 250_000 });
    await link.write(Uint8Array.of(1, 2, 3));
    await link.close();
    await clock.sleep(2000);
    expect(virtual.board('a').running).toBe('klipper-serial');
  });
});
