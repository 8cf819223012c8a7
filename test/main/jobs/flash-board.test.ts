import { describe, expect, it } from 'vitest';
import { systemUnderTest } from '../host-systems.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, BenchRun, bareF446, imagesFor, obedientHands, uid } from './bench-run.ts';

describe('flashBoard', () => {
  it.each(['stm32f446xx', 'stm32f407xx', 'stm32f429xx'] as const)(
    'takes a bare %s from DFU to a bridge that tells its UUID, with both images in flash',
    async (mcu) => {
      await using run = new BenchRun({ ...bareF446, mcu });
      const images = await imagesFor(mcu);
      const report = await run.flash(images);
      expect(report).toMatchObject({ uid, canbusUuid: '6beb0175188a', mcu, place: 'usb:1-1' });
      expect(report.written.bootloader).toMatchObject({ bytesVerified: images.bootloader.bytes.length });
      expect(report.written.application).toMatchObject({ bytesVerified: images.application.bytes.length });
      expect(run.board.running).toBe('can-bridge');
      expect(run.holds(images.bootloader)).toBe(true);
      expect(run.holds(images.application)).toBe(true);
    },
  );

  it('asks for the jumper once, at the moment when it matters', async () => {
    await using run = new BenchRun(bareF446);
    await run.flash(await imagesFor());
    expect(run.events.filter((event) => event.type === 'ask')).toHaveLength(1);
  });

  it('reports the UUID as soon as the UID is known, before Klipper is written', async () => {
    await using run = new BenchRun(bareF446);
    await run.flash(await imagesFor());
    const told = run.events.findIndex(
      (event) => event.type === 'seen' && event.canbusUuid === '6beb0175188a',
    );
    const klipper = run.events.findIndex(
      (event) => event.type === 'step' && event.step === 'install-klipper',
    );
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(klipper);
  });

  it('updates a running bridge and keeps its Katapult, with a hand on the board only where it cannot be opened', async () => {
    await using run = new BenchRun(bareF446);
    await run.flash(await imagesFor());
    run.events.length = 0;
    const images = await imagesFor();
    const newer = await asLoaded('new.bin', makeKlipperImage({ version: 'v0.13.0-999-gbeef', seed: 7 }));
    const report = await run.flash({ ...images, application: newer });
    expect(report.written.bootloader).toBeNull();
    const asks = run.events.flatMap((event) => (event.type === 'ask' ? event.ask : []));
    expect(asks).toEqual(systemUnderTest() === 'win32' ? ['double-tap'] : []);
    expect(run.holds(newer)).toBe(true);
    expect(run.board.running).toBe('can-bridge');
  });

  it('does a board again that was put into DFU again', async () => {
    await using run = new BenchRun(bareF446);
    const images = await imagesFor();
    await run.flash(images);
    run.board.setBoot0(true);
    run.board.reset();
    const watch = await run.present('usb:1-1');
    await watch.waitFor((now) => (now.at('usb:1-1')?.device.productId === 0xdf11 ? true : null), {
      timeoutMs: 5000,
    });
    const report = await run.flash(images);
    expect(report.written.bootloader).not.toBeNull();
    expect(run.board.running).toBe('can-bridge');
  });

  it('says that nothing is plugged in', async () => {
    await using run = new BenchRun(bareF446);
    await expect(run.flash(await imagesFor(), { place: 'usb:1-9' })).rejects.toMatchObject({
      code: 'device/not-found',
    });
  });

  it('refuses an image for a larger flash than the chip has, before anything is erased', async () => {
    await using run = new BenchRun({ ...bareF446, mcu: 'stm32f429xx', flashKiB: 512 });
    const images = await imagesFor('stm32f429xx');
    const before = run.board.flash.read(0x08000000, 1024);
    const board = {
      ...images.board,
      variants: [
        {
          reference: 'a:f446',
          mcu: 'stm32f446xx',
          markings: [],
          crystalHz: 12_000_000,
          flashBytes: 524_288,
        },
      ],
    };
    await expect(run.flash({ ...images, board })).rejects.toMatchObject({
      code: 'image/wrong-mcu',
      state: 'untouched',
    });
    expect(run.board.flash.read(0x08000000, 1024)).toEqual(before);
  });

  it('says each time that the jumper is still on, and continues when it is off', async () => {
    await using run = new BenchRun({ ...bareF446, faults: [{ kind: 'jumper-stays' }] });
    const report = await run.flash(await imagesFor());
    const sights = run.events.flatMap((event) => (event.type === 'sight' ? event.sight : []));
    expect(sights).toEqual(['dfu-again', 'left-usb', 'dfu-again', 'left-usb']);
    expect(run.events.filter((event) => event.type === 'ask')).toHaveLength(1);
    expect(report.uid).toBe(uid);
  });

  it('names a jumper that stays on', async () => {
    await using run = new BenchRun(bareF446);
    const hands = (): void => undefined;
    await expect(run.flash(await imagesFor(), { hands, personTimeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'device/still-in-dfu',
      state: 'katapult-verified',
    });
  });

  it('names a board that stays away after Klipper was written and read back', async () => {
    await using run = new BenchRun(bareF446);
    const images = await imagesFor();
    const hands = (event: Parameters<ReturnType<typeof obedientHands>>[0]): void => {
      if (event.type === 'step' && event.step === 'install-klipper') run.board.arm({ kind: 'no-return' });
      if (event.type === 'ask' && event.ask === 'press-reset') return;
      obedientHands(run.board)(event);
    };
    await expect(run.flash(images, { hands })).rejects.toMatchObject({
      code: 'device/did-not-return',
      state: 'katapult-verified',
    });
  });

  it('says that Katapult runs where the step after it changed nothing', async () => {
    await using run = new BenchRun(bareF446);
    const hands = (event: Parameters<ReturnType<typeof obedientHands>>[0]): void => {
      if (event.type === 'step' && event.step === 'install-klipper')
        run.board.arm({ kind: 'unplug', mode: 'katapult', phase: 'request', after: 0 });
      obedientHands(run.board)(event);
    };
    await expect(run.flash(await imagesFor(), { hands })).rejects.toMatchObject({
      state: 'running-katapult',
    });
  });

  it.each(['stm32f446xx', 'stm32f407xx'] as const)('notices another board on the port (%s)', async (mcu) => {
    const other = { ...bareF446, mcu, id: 'b', uid: '39001B000C51313339373836', port: '1-2', boot0: false };
    await using run = new BenchRun({ ...bareF446, mcu }, other);
    const images = await imagesFor(mcu);
    run.bench.board('b').flash.load(0x08000000, images.bootloader.bytes);
    run.bench.board('b').reset();
    const hands = (event: Parameters<ReturnType<typeof obedientHands>>[0]): void => {
      if (event.type === 'ask') run.bench.swap('a', 'b');
    };
    await expect(run.flash(images, { hands })).rejects.toMatchObject({ code: 'device/returned-as-another' });
  });

  it('stops when it is cancelled while it waits for a person', async () => {
    await using run = new BenchRun(bareF446);
    const controller = new AbortController();
    const hands = (event: { type: string }): void => {
      if (event.type === 'ask') controller.abort();
    };
    await expect(run.flash(await imagesFor(), { hands, signal: controller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
