import { describe, expect, it } from 'vitest';
import { systemUnderTest } from '../host-systems.ts';
import { withBridge } from '../sim/bench-rig.ts';
import { BenchRun, bareF446, imagesFor, obedientHands } from './bench-run.ts';

const bridge = { ...bareF446, boot0: false, flash: withBridge };

describe('a running bridge that is to be written again', () => {
  it('is asked for by a double tap where nothing can open it, as often as it takes', async () => {
    await using run = new BenchRun(bridge);
    let taps = 0;
    const report = await run.flash(await imagesFor(), {
      hands: (event) => {
        if (event.type !== 'ask' || event.ask !== 'double-tap') return;
        taps += 1;
        if (taps === 1) run.board.reset();
        else run.board.doubleTap();
      },
    });
    expect(report.canbusUuid).toBe('6beb0175188a');
    expect(taps).toBe(systemUnderTest() === 'win32' ? 2 : 0);
  });

  it('is left unchanged, with both next steps, if it cannot be opened and nothing happens', async () => {
    await using run = new BenchRun(bridge);
    const flashing = run.flash(await imagesFor(), { hands: () => undefined, personTimeoutMs: 60_000 });
    if (systemUnderTest() === 'win32') {
      await expect(flashing).rejects.toMatchObject({ code: 'katapult/bridge-no-driver', state: 'untouched' });
      expect(run.board.running).toBe('can-bridge');
    } else {
      expect(await flashing).toMatchObject({ canbusUuid: '6beb0175188a' });
    }
  });
});

it('does a bare board by hand and software as on any other system', async () => {
  await using run = new BenchRun(bareF446);
  expect(await run.flash(await imagesFor(), { hands: obedientHands(run.board) })).toMatchObject({
    canbusUuid: '6beb0175188a',
    mcu: 'stm32f446xx',
  });
});
