import { describe, expect, it } from 'vitest';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import { flashBoard } from '../../../main/jobs/flash-board.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { systemUnderTest } from '../host-systems.ts';
import { asLoaded, bareF446, BenchRun, uid } from './bench-run.ts';

/** A board in Katapult on port 1-1. */
function inKatapult(crystalHz = 12_000_000): BoardInput {
  const flash = [{ address: 0x08000000, bytes: makeKatapultImage({ crystalHz }) }];
  return { ...bareF446, boot0: false, crystalHz, flash };
}

async function write(
  run: BenchRun,
  image: Uint8Array,
  hands: (event: FlashBoardEvent) => void = () => undefined,
) {
  const watch = await run.present('usb:1-1');
  const hasTty = (): true | null => (typeof watch.at('usb:1-1')?.device.tty === 'string' ? true : null);
  await watch.waitFor(hasTty, { timeoutMs: 5_000 });
  return await flashBoard(
    { devices: run.bench.devices, clock: run.clock, watch },
    {
      place: 'usb:1-1',
      images: { bootloader: null, application: await asLoaded('klipper.bin', image), board: unknownBoard },
      onEvent: (event) => {
        run.events.push(event);
        hands(event);
      },
    },
  );
}

const sightsOf = (run: BenchRun): readonly string[] =>
  run.events.flatMap((event) => (event.type === 'sight' ? event.sight : []));

describe('flashBoard with an application alone', () => {
  it('is done when the bridge was seen', async () => {
    await using run = new BenchRun(inKatapult());
    const report = await write(run, makeKlipperImage());
    expect(report).toMatchObject({
      seen: 'can-bridge',
      uid,
      canbusUuid: '6beb0175188a',
      canbusUuidSource: 'confirmed',
    });
    expect(run.events.at(-1)).toMatchObject({ type: 'step', step: 'done' });
  });

  it('has the UUID that the bridge itself reports, if its firmware may have a fixed one', async () => {
    await using run = new BenchRun({ ...inKatapult(), canbusUuid: 'abcdef123456' });
    const report = await write(run, makeKlipperImage({ app: 'Kalico' }));
    // Windows opens no bridge without a driver: then it is said to be computed.
    const isOpen = systemUnderTest() !== 'win32';
    expect(report).toMatchObject({
      canbusUuid: isOpen ? 'abcdef123456' : '6beb0175188a',
      canbusUuidSource: isOpen ? 'confirmed' : 'computed',
    });
  });

  it('is done when what the image says it is was seen: Klipper on USB serial', async () => {
    await using run = new BenchRun(inKatapult());
    expect(await write(run, makeKlipperImage({ role: 'none' }))).toMatchObject({ seen: 'klipper-serial' });
  });

  it('says of a node on the CAN bus that it never shows on USB, and does not wait for it', async () => {
    await using run = new BenchRun(inKatapult());
    const report = await write(run, makeKlipperImage({ role: 'node' }));
    expect(report).toMatchObject({ seen: null, uid, canbusUuid: '6beb0175188a' });
    const notes = run.events.flatMap((event) => (event.type === 'note' ? event.text : []));
    expect(notes.join()).toMatch(/node on a CAN bus: it never shows on USB/);
    expect(run.clock.nowMs()).toBeLessThan(10_000);
  });

  it('leaves a board alone whose running Katapult shows that Klipper is for another crystal', async () => {
    await using run = new BenchRun(inKatapult(8_000_000));
    const before = run.board.flash.changes;
    await expect(write(run, makeKlipperImage({ crystalHz: 12_000_000 }))).rejects.toMatchObject({
      code: 'image/wrong-crystal',
      state: 'untouched',
    });
    expect(run.board.flash.changes).toBe(before);
  });

  it('is not done while the board is silent: says so, and fails', async () => {
    await using run = new BenchRun(inKatapult(8_000_000));
    // An image that does not state its crystal.
    const image = makeKlipperImage({ crystalHz: 12_000_000, clockCode: 'read' });
    await expect(write(run, image)).rejects.toMatchObject({
      code: 'device/did-not-return',
      state: 'katapult-verified',
    });
    expect(run.events.filter(({ type }) => type === 'sight')).toMatchObject([
      { sight: 'unreadable', builtForHz: null },
    ]);
  });

  it('says that the jumper is on when the board comes back in DFU, and goes on when it is off', async () => {
    await using run = new BenchRun(inKatapult());
    const report = await write(run, makeKlipperImage(), (event) => {
      if (event.type === 'step' && event.step === 'install-klipper') run.board.setBoot0(true);
      if (event.type !== 'ask') return;
      run.board.setPower(false);
      run.board.setBoot0(false);
      run.board.setPower(true);
    });
    expect(sightsOf(run)).toEqual(['dfu-again', 'left-usb']);
    expect(report.seen).toBe('can-bridge');
  });
});
