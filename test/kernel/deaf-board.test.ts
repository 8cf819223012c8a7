import { expect, it } from 'vitest';
import { encodeRequestBlock } from '../../app/protocols/katapult/command.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { CanopusRun } from './canopus.ts';
import { GuestBench } from './guest-bench.ts';
import { guestOfThisRun } from './this-run.ts';

/** Closing such a port waits 30 s for its bytes by default; the guest is emulated and slow. */
const soonMs = 15_000;

it('a command ends soon after its last line on a board that takes no more bytes', async () => {
  const guest = await guestOfThisRun();
  const uid = '430014000A50534E4E313120';
  const flash = [{ address: 0x0800_0000, bytes: makeKatapultImage() }];
  const board = { id: 'deaf', mcu: 'stm32f446xx', uid, port: '1-1', enumerationMs: 5, flash } as const;
  await using bench = await GuestBench.open(guest, { boards: [board] });
  await bench.present('1-1', 'katapult');
  {
    await using link = await bench.devices.openSerial('1-1');
    // A read beside of flash hangs the processor; what comes behind it fills what its USB holds.
    await link.write(encodeRequestBlock(0x4000_0000));
    void link.write(new Uint8Array(512)).catch(() => undefined);
    await expect(link.read({ timeoutMs: 500 })).rejects.toMatchObject({ code: 'link/timeout' });
  }
  const run = new CanopusRun(guest, 'katapult-status --port 1-1');
  const error = await run.event({ type: 'error' });
  const lastLineMs = performance.now();
  expect(error).toMatchObject({ code: 'katapult/wedged' });
  await run.result();
  expect(performance.now() - lastLineMs).toBeLessThan(soonMs);
});
