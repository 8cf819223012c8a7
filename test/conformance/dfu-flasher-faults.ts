import { describe, expect, it } from 'vitest';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import type { DfuBoards, DfuFault, Outcome } from './dfu-bench.ts';
import {
  applicationAddress,
  expectGoodRun,
  expectSafe,
  flashAddress,
  installed,
  isStartable,
  run,
  same,
  sectorSize,
} from './dfu-bench.ts';

/** GETSTATUS replies before the first erase: opening, the UID's set-address. */
const statusesBeforeErase = 3;

/** Everything that can strike, wherever it can strike. */
export function faults(boards: DfuBoards): void {
  const { used, stride } = boards;
  const image = makeKatapultImage({ mcu: 'stm32f446xx' });

  describe('faults', () => {
    /** Class requests of a good run over a used chip. */
    async function requestCount(): Promise<number> {
      const { bench } = await used();
      return (await run(bench, image)).link.classRequests;
    }

    /** Strikes once, looks at what is left, and proves that the board can be recovered. */
    async function strike(fault: DfuFault): Promise<Outcome> {
      const { bench, before } = await used();
      await bench.injectFault(fault);
      const outcome = await run(bench, image);
      if (outcome.error) await expectSafe(bench, before, image, outcome.error);
      else expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
      await expectGoodRun(bench, image);
      return outcome;
    }

    it('ends as link/gone at every request at which the cable can be pulled', async () => {
      const requests = await requestCount();
      expect(requests).toBeGreaterThan(30);
      const states: string[] = [];
      // The last request is the GETSTATUS on which the device disconnects anyway.
      for (let after = 0; after < requests - 1; after += stride) {
        const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'request', after });
        expect(error?.code).toBe('link/gone');
        states.push(error?.state ?? 'none');
      }
      const order = ['untouched', 'dfu-partial', 'dfu-written'];
      expect(states).toEqual([...states].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
      if (stride === 1) expect(new Set(states)).toEqual(new Set(order));
      const { report } = await strike({
        kind: 'unplug',
        mode: 'dfu',
        phase: 'request',
        after: requests - 1,
      });
      expect(report?.outcome).toBe('installed');
    });

    it('goes on with a board that kept its power when the cable is plugged in again', async () => {
      const requests = await requestCount();
      for (let after = 0; after < requests - 1; after += stride) {
        const { bench, before } = await used({ chip: 'F446', supply: 'external' });
        await bench.injectFault({ kind: 'unplug', mode: 'dfu', phase: 'request', after });
        const { error } = await run(bench, image);
        expect(error?.code).toBe('link/gone');
        if (error) await expectSafe(bench, before, image, error);
        await expectGoodRun(bench, image, 'replug');
      }
    });

    it('leaves nothing that could be started when the cable is pulled in an erase or a write', async () => {
      for (const after of [0, 1]) {
        const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'erase', after });
        expect(error).toMatchObject({ code: 'link/gone', state: 'dfu-partial' });
      }
      const written = Math.ceil(image.length / 2048) * 2048 + 8;
      const places = [0, 4, 8, 12, 2044, 2048, 4092, 4096, 5144, 5148, written - 8, written - 4, written - 1];
      for (const after of places.filter((_, index) => index % stride === 0)) {
        const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'write', after });
        expect(error).toMatchObject({ code: 'link/gone', state: 'dfu-partial' });
      }
    });

    it('ends as link/gone when the cable is pulled while it reads', async () => {
      for (const after of [0, 2048, 4096, 6144, 8192]) {
        const { error } = await strike({ kind: 'unplug', mode: 'dfu', phase: 'read', after });
        expect(error?.code).toBe('link/gone');
      }
    });

    it.each([
      ['a stall', 'stall'],
      ['a lost answer', 'lost-answer'],
    ] as const)('survives %s at every request', async (_, kind) => {
      const requests = await requestCount();
      const codes = new Set<string>();
      for (let nth = 1; nth <= requests; nth += stride) {
        const { error } = await strike({ kind, mode: 'dfu', nth });
        if (error) codes.add(error.code);
      }
      const named = kind === 'stall' ? ['link/stall'] : ['link/timeout'];
      for (const code of codes) expect([...named, 'dfu/device-error']).toContain(code);
      expect(codes.size).toBeGreaterThan(0);
    });

    it('survives every reply with any one byte of GETSTATUS changed', async () => {
      const statuses = (await run((await used()).bench, image)).link.transcript.filter((entry) =>
        entry.startsWith('a1 03'),
      ).length;
      for (let nth = 1; nth <= statuses; nth += stride) {
        for (let offset = 0; offset < 5; offset++) {
          const xor = offset === 4 ? 0x80 : 0x11;
          await strike({ kind: 'corrupt-answer', mode: 'dfu', nth, only: 3, offset, xor });
        }
      }
    }, 60_000);

    it('finds every byte that was read back wrong', async () => {
      for (const offset of [0, 7, 8, 1000, 2047]) {
        // The first two reads ask for the UID and the flash size register behind it.
        const { error } = await strike({
          kind: 'corrupt-answer',
          mode: 'dfu',
          nth: 3,
          only: 2,
          offset,
          xor: 4,
        });
        expect(error).toMatchObject({ code: 'dfu/verify-mismatch', state: 'dfu-partial' });
      }
    });

    it('names every error status that the ROM can report', async () => {
      const names: unknown[] = [];
      for (let bStatus = 1; bStatus <= 15; bStatus++) {
        // The replies 8 and 9 are for the first sector's erase.
        const { error } = await strike({
          kind: 'corrupt-answer',
          mode: 'dfu',
          nth: statusesBeforeErase + 2,
          only: 3,
          offset: 0,
          xor: bStatus,
        });
        expect(error?.code.startsWith('dfu/')).toBe(true);
        expect(error?.details['operation']).toBe('erase');
        names.push(error?.details['bStatus']);
      }
      expect(names).toEqual([
        'errTARGET',
        'errFILE',
        'errWRITE',
        'errERASE',
        'errCHECK_ERASED',
        'errPROG',
        'errVERIFY',
        'errADDRESS',
        'errNOTDONE',
        'errFIRMWARE',
        'errVENDOR',
        'errUSBR',
        'errPOR',
        'errUNKNOWN',
        'errSTALLEDPKT',
      ]);
    });

    it('finds a bit that does not program, and one that does not erase', async () => {
      const { bench, before } = await used();
      const address = flashAddress + 4097;
      const byte = image[4097] ?? 0xff;
      const bit = [0, 1, 2, 3, 4, 5, 6, 7].find((index) => (byte & (1 << index)) === 0) ?? 0;
      await bench.injectFault({ kind: 'stuck-bit', address, bit, sticksAt: 1 });
      const { error } = await run(bench, image);
      expect(error).toMatchObject({ code: 'dfu/flash-damaged', state: 'dfu-partial' });
      expect(error?.details['address']).toBe('0x08001001');
      expect(isStartable(await bench.dumpFlash())).toBe(false);
      expect(same((await bench.dumpFlash()).subarray(3 * sectorSize), before.subarray(3 * sectorSize))).toBe(
        true,
      );
      await expectGoodRun(bench, image);
    });

    it.each([
      ['at the start of the application', applicationAddress],
      ['deep in its first sector', applicationAddress + 0x2123],
      ['at the end of that sector', applicationAddress + sectorSize - 1],
      ["behind the image in the image's own sector", flashAddress + sectorSize - 1],
    ])('finds a bit that does not erase %s', async (_place, address) => {
      const { bench } = await used();
      await bench.injectFault({ kind: 'stuck-bit', address, bit: 3, sticksAt: 0 });
      const { error } = await run(bench, image);
      expect(error).toMatchObject({ code: 'dfu/flash-damaged', state: 'dfu-partial' });
      expect(error?.details['address']).toBe(`0x0${address.toString(16)}`);
      expect(isStartable(await bench.dumpFlash())).toBe(false);
      await expectGoodRun(bench, image);
    });

    it('finds boot words that do not program', async () => {
      const { bench } = await used();
      await bench.injectFault({ kind: 'stuck-bit', address: flashAddress + 7, bit: 0, sticksAt: 1 });
      const { error } = await run(bench, image);
      expect(error).toMatchObject({ code: 'dfu/flash-damaged', state: 'dfu-partial' });
      expect(error?.details['address']).toBe('0x08000007');
    });

    it.each(['abort', 'reset'] as const)(
      'names a device that never ends an operation (%s)',
      async (clearedBy) => {
        // Two erases, three blocks, the boot words.
        for (let operation = 1; operation <= 6; operation++) {
          const { error } = await strike({ kind: 'busy-forever', operation, clearedBy });
          expect(error).toMatchObject({ code: 'dfu/stuck-busy', state: 'dfu-partial' });
        }
      },
    );
  });
}
