import { describe, expect, it } from 'vitest';
import { installWithDfu } from '../../../app/flash/dfu-install.ts';
import { restoreWithDfu } from '../../../app/flash/dfu-restore.ts';
import { mcuFacts } from '../../../app/mcu/mcu.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { usualApplicationOffset } from '../../../main/sim/usual-crystal.ts';
import {
  formerContents,
  run,
  same,
  type DfuBench,
  type DfuBenchOptions,
} from '../../conformance/dfu-bench.ts';
import { virtualDfuBench } from './dfu-virtual-bench.ts';

const chips = [
  { chip: 'G0B1', mcu: 'stm32g0b1xx' },
  { chip: 'H723', mcu: 'stm32h723xx' },
  { chip: 'H743', mcu: 'stm32h743xx' },
  { chip: 'F072', mcu: 'stm32f072xb' },
  { chip: 'F042', mcu: 'stm32f042x6' },
] as const satisfies readonly { chip: DfuBenchOptions['chip']; mcu: keyof typeof mcuFacts }[];

const flashStart = 0x08000000;

describe.each(chips)('Katapult through the ROM of an $chip', ({ chip, mcu }) => {
  const image = makeKatapultImage({ mcu });
  const offset = usualApplicationOffset(mcu);
  const isErasedWhole = mcuFacts[mcu].katapultNeedsBlankSectors;
  const options = { applicationAddress: flashStart + offset, confirmEraseAll: isErasedWhole };

  async function used(supply: 'usb' | 'external' = 'usb'): Promise<{ bench: DfuBench; before: Uint8Array }> {
    const bench = await virtualDfuBench({ chip, supply });
    const before = formerContents(bench.flashBytes);
    await bench.loadFlash(flashStart, before);
    return { bench, before };
  }

  function sectorsOf(bench: DfuBench): readonly { address: number; size: number }[] {
    return mcuFacts[mcu].sectorLayouts(bench.flashBytes / 1024)[0] ?? [];
  }

  /** Flash after a good run: the sectors of the image and the first one of the application begin anew. */
  function installed(bench: DfuBench, before: Uint8Array): Uint8Array {
    const after = before.slice();
    for (const { address, size } of sectorsOf(bench)) {
      const start = address - flashStart;
      if (isErasedWhole || start < image.length || start === offset) after.fill(0xff, start, start + size);
    }
    after.set(image);
    return after;
  }

  it('replaces what it must and nothing else, reads the UID and starts', async () => {
    const { bench, before } = await used();
    await bench.injectFault({ kind: 'strict-polling' });
    const { report, error } = await run(bench, image, options);
    expect(error).toBeNull();
    expect(report).toMatchObject({ outcome: 'installed', uid: bench.uid, bytesVerified: image.length });
    expect(same(await bench.dumpFlash(), installed(bench, before))).toBe(true);
    expect(Math.max(...(await bench.eraseCounts()))).toBe(1);
    expect(await bench.startsKatapult()).toBe(true);
    await bench.close?.();
  });

  it.each([0, 900, 2049, 4000])(
    'is right at the second try after the cable was pulled %i bytes in',
    async (bytes) => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'unplug', mode: 'dfu', phase: 'write', after: bytes });
      const { error } = await run(bench, image, options);
      expect(error?.state).toBe('dfu-partial');
      await bench.enterDfu();
      const { report } = await run(bench, image, options);
      expect(report?.outcome).toBe('installed');
      expect(same(await bench.dumpFlash(), installed(bench, before))).toBe(true);
      await bench.close?.();
    },
  );

  it('is undone by restoring all of flash', async () => {
    const { bench, before } = await used();
    await run(bench, image, { ...options, leave: false });
    const link = await bench.open();
    const restore = restoreWithDfu(link, before, {
      clock: bench.clock,
      checkTarget: () => undefined,
      leave: false,
    });
    let step = await restore.next();
    while (step.done !== true) step = await restore.next();
    expect(step.value).toMatchObject({ outcome: 'restored', uid: bench.uid });
    expect(same(await bench.dumpFlash(), before)).toBe(true);
    await bench.close?.();
  });

  it('is undone if the ROM does not let its registers be read', async () => {
    const bench = await virtualDfuBench({ chip, uidReadable: false });
    const before = formerContents(bench.flashBytes);
    const restore = restoreWithDfu(await bench.open(), before, {
      ...{ clock: bench.clock, leave: false },
      checkTarget: () => undefined,
    });
    let step = await restore.next();
    while (step.done !== true) step = await restore.next();
    expect(step.value).toMatchObject({ outcome: 'restored', uid: null });
    expect(same(await bench.dumpFlash(), before)).toBe(true);
    await bench.close?.();
  });

  it('is one board, whatever its memories are called', async () => {
    const bench = await virtualDfuBench({ chip });
    let flashBytes = 0;
    const link = await bench.open();
    const flash = installWithDfu(link, image, {
      ...{ clock: bench.clock, ...options },
      checkTarget: (target) => {
        flashBytes = target.flashBytes;
        throw new Error('seen enough');
      },
    });
    const toItsEnd = async (): Promise<void> => {
      while ((await flash.next()).done !== true);
    };
    await expect(toItsEnd()).rejects.toThrow('seen enough');
    expect(flashBytes).toBe(bench.flashBytes);
    await bench.close?.();
  });
});

describe('Katapult through the ROM of an H723, which is erased as a whole', () => {
  const image = makeKatapultImage({ mcu: 'stm32h723xx' });
  const options = { applicationAddress: 0x08020000 };

  it('is refused where that loses what an install keeps, until a person allows it', async () => {
    const bench = await virtualDfuBench({ chip: 'H723' });
    const before = formerContents(bench.flashBytes);
    await bench.loadFlash(flashStart, before);
    const { error } = await run(bench, image, options);
    expect(error).toMatchObject({ code: 'dfu/erase-all-not-confirmed', state: 'untouched' });
    expect(same(await bench.dumpFlash(), before)).toBe(true);
    expect((await run(bench, image, { ...options, confirmEraseAll: true })).error).toBeNull();
    await bench.close?.();
  });

  it.each([true, false])(
    'looks for it as far as flash really reaches, on a part with half of what its ROM describes (registers: %s)',
    async (uidReadable) => {
      const bench = await virtualDfuBench({ chip: 'H723-512', uidReadable });
      await bench.loadFlash(flashStart, formerContents(2 * 0x20000));
      expect((await run(bench, image, options)).error).toBeNull();
      await bench.enterDfu();
      await bench.loadFlash(flashStart + 3 * 0x20000, formerContents(64));
      const { error } = await run(bench, image, options);
      expect(error).toMatchObject({ code: 'dfu/erase-all-not-confirmed', state: 'untouched' });
      await bench.close?.();
    },
  );

  it('needs no permission where nothing else is lost', async () => {
    const bench = await virtualDfuBench({ chip: 'H723' });
    await bench.loadFlash(flashStart, formerContents(2 * 0x20000));
    const { report } = await run(bench, image, options);
    expect(report).toMatchObject({ outcome: 'installed', sectorsErased: 8 });
    expect(await bench.startsKatapult()).toBe(true);
    await bench.close?.();
  });
});
