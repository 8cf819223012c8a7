import { describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, BenchRun, bareF446, imagesFor } from './bench-run.ts';

/** The serial number and the canbus_uuid of a board whose firmware is Klipper's: computed by its `canserial.c`. */
const uid = 'E6605481DB318A2F';
const bareRp = { id: 'a', mcu: 'rp2040', uid, port: '1-1' } as const;

async function rpImages(mcu: 'rp2040' | 'rp2350' = 'rp2040') {
  const images = await imagesFor();
  return {
    ...images,
    bootloader: await asLoaded('katapult.bin', makeKatapultImage({ mcu })),
    application: await asLoaded('klipper.bin', makeKlipperImage({ mcu })),
  };
}

describe('flashBoard on an RP2040 or RP2350', () => {
  it.each(['rp2040', 'rp2350'] as const)(
    'takes a blank %s from BOOTSEL, which it enters itself, to a bridge, without a hand on it',
    async (mcu) => {
      await using run = new BenchRun({ ...bareRp, mcu });
      const images = await rpImages(mcu);
      const report = await run.flash(images);
      expect(report).toMatchObject({ uid, mcu, seen: 'can-bridge' });
      expect(run.board.running).toBe('can-bridge');
      expect(run.holds(images.bootloader)).toBe(true);
      expect(run.holds(images.application)).toBe(true);
      expect(run.events.filter((event) => event.type === 'ask')).toEqual([]);
      const steps = run.events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
      expect(steps).toEqual(['install-picoboot', 'install-klipper', 'done']);
    },
  );

  it('updates a running bridge through its Katapult', async () => {
    await using run = new BenchRun(bareRp);
    const images = await rpImages();
    await run.flash(images);
    run.events.length = 0;
    const newer = await asLoaded('new.bin', makeKlipperImage({ mcu: 'rp2040', seed: 7 }));
    const report = await run.flash({ ...images, application: newer });
    expect(report.written.bootloader).toBeNull();
    expect(run.holds(newer)).toBe(true);
    expect(run.board.running).toBe('can-bridge');
  });

  it('refuses an image for another chip before it erases anything, whichever way round', async () => {
    const wrong = { code: 'image/wrong-mcu', state: 'untouched' };
    await using rp = new BenchRun(bareRp);
    await expect(rp.flash(await rpImages('rp2350'))).rejects.toMatchObject(wrong);
    await expect(rp.flash(await imagesFor())).rejects.toMatchObject(wrong);
    expect(rp.board.flash.eraseCounts.every((count) => count === 0)).toBe(true);
    await using stm = new BenchRun(bareF446);
    await expect(stm.flash(await rpImages())).rejects.toMatchObject({ state: 'untouched' });
    expect(stm.board.flash.eraseCounts.every((count) => count === 0)).toBe(true);
  });

  it.each([
    { kind: 'unplug', mode: 'bootsel', phase: 'erase', after: 1 },
    { kind: 'unplug', mode: 'bootsel', phase: 'write', after: 3000 },
    { kind: 'unplug', mode: 'katapult', phase: 'write', after: 9000 },
    { kind: 'lost-answer', mode: 'katapult', nth: 90, only: 0x12 },
    { kind: 'busy-answer', nth: 40, only: 0x12 },
  ] as const)('comes to a right end after %j, if need be at the second try', async (fault) => {
    await using run = new BenchRun({ ...bareRp, faults: [fault] });
    const images = await rpImages();
    const first = await run.flash(images).then(
      () => 'done',
      () => 'failed',
    );
    if (first === 'failed') {
      run.board.plug();
      await run.flash(images);
    }
    expect(run.board.running).toBe('can-bridge');
    expect(run.holds(images.bootloader)).toBe(true);
    expect(run.holds(images.application)).toBe(true);
  });

  it('starts no half application after a cancel in the sector that is written last', async () => {
    await using run = new BenchRun(bareRp);
    const images = await rpImages();
    const stop = new AbortController();
    const total = images.application.bytes.length;
    const work = run.flash(images, {
      signal: stop.signal,
      hands: (event) => {
        if (event.type !== 'progress' || event.phase !== 'write' || event.bytesTotal !== total) return;
        if (event.bytesDone > total - 2048) stop.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'cancelled', state: 'katapult-partial' });
    await run.clock.sleep(100);
    expect(run.board.flash.isErased(0x10004000, 256)).toBe(true);
    run.board.reset();
    await run.clock.sleep(2_000);
    expect(run.board.running).toBe('katapult');
  });
});
