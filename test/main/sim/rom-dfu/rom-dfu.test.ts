import { describe, expect, it } from 'vitest';
import type { McuName } from '../../../../app/mcu/mcu.ts';
import { stringOf } from '../../../../main/sim/bus/descriptors.ts';
import { UsbStall } from '../../../../main/sim/bus/usb-function.ts';
import { romRig, romUid, type RomRigOptions } from './rom-rig.ts';
import { dfuRequest } from '../../../../app/protocols/dfuse/request.ts';
import { dfuState, dfuStatus } from '../../../../main/sim/rom-dfu/dfu-codes.ts';

const start = 0x08000000;

function setUp(options: RomRigOptions = {}) {
  const rig = romRig(options);
  const { rom } = rig;
  const out = (bRequest: number, wValue: number, data: readonly number[] | Uint8Array = []) =>
    rom.control(
      { bmRequestType: 0x21, bRequest, wValue, wIndex: 0, wLength: data.length },
      Uint8Array.from(data),
    );
  const read = (bRequest: number, wValue: number, wLength: number) =>
    rom.control({ bmRequestType: 0xa1, bRequest, wValue, wIndex: 0, wLength }, new Uint8Array(0));
  const status = async () => {
    const [bStatus, low = 0, mid = 0, high = 0, bState] = await read(dfuRequest.getStatus, 0, 6);
    return { bStatus, pollMs: low | (mid << 8) | (high << 16), bState };
  };
  const run = async (wValue: number, data: readonly number[] | Uint8Array) => {
    await out(dfuRequest.dnload, wValue, data);
    await status();
    return status();
  };
  return { ...rig, out, read, status, run };
}

const addressBytes = (address: number) => [0, 8, 16, 24].map((shift) => (address >>> shift) & 0xff);
const setAddress = (address: number) => [0x21, ...addressBytes(address)];
const eraseAt = (address: number) => [0x41, ...addressBytes(address)];
const ok = dfuStatus.OK;

describe('RomDfu', () => {
  it('starts the work with GETSTATUS and does not reply until it is done', async () => {
    const { flash, clock, out, status } = setUp();
    flash.load(start, Uint8Array.of(0));
    await out(dfuRequest.dnload, 0, eraseAt(start));
    await clock.sleep(5000);
    expect(flash.read(start, 1)).toEqual(Uint8Array.of(0));
    expect(await status()).toEqual({ bStatus: ok, pollMs: 100, bState: dfuState.dfuDNBUSY });
    const before = clock.nowMs();
    expect(await status()).toEqual({ bStatus: ok, pollMs: 0, bState: dfuState.dfuDNLOAD_IDLE });
    expect(clock.nowMs() - before).toBe(400);
    expect(flash.read(start, 1)).toEqual(Uint8Array.of(0xff));
  });

  it('writes and reads a run after one set-address', async () => {
    const { run, out, read, flash } = setUp();
    const image = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
    await run(0, setAddress(start + 0x4000));
    for (let block = 0; block * 2048 < image.length; block++) {
      const part = image.subarray(block * 2048, (block + 1) * 2048);
      expect((await run(block + 2, part)).bState).toBe(dfuState.dfuDNLOAD_IDLE);
    }
    expect(flash.read(start + 0x4000, image.length)).toEqual(image);
    await out(dfuRequest.abort, 0);
    expect(await read(dfuRequest.upload, 3, 2048)).toEqual(image.subarray(2048, 4096));
    expect((await read(dfuRequest.getState, 0, 1))[0]).toBe(dfuState.dfuUPLOAD_IDLE);
    expect(await read(dfuRequest.upload, 4, 904)).toEqual(image.subarray(4096));
  });

  it('lists its commands', async () => {
    const { read } = setUp();
    expect(await read(dfuRequest.upload, 0, 64)).toEqual(Uint8Array.of(0x00, 0x21, 0x41, 0x92));
    expect((await read(dfuRequest.getState, 0, 1))[0]).toBe(dfuState.dfuIDLE);
  });

  it('stalls what does not fit the state and recovers with CLRSTATUS', async () => {
    const { out, read, status, run } = setUp();
    await run(0, setAddress(start));
    await expect(read(dfuRequest.upload, 2, 64)).rejects.toThrow(UsbStall);
    expect(await status()).toMatchObject({ bStatus: dfuStatus.errSTALLEDPKT, bState: dfuState.dfuERROR });
    await expect(out(dfuRequest.abort, 0)).rejects.toThrow(UsbStall);
    await out(dfuRequest.clrStatus, 0);
    expect(await status()).toMatchObject({ bStatus: ok, bState: dfuState.dfuIDLE });
  });

  it('refuses addresses that it does not have', async () => {
    const { run, out } = setUp();
    expect((await run(0, setAddress(0x40000000))).bStatus).toBe(dfuStatus.errTARGET);
    await out(dfuRequest.clrStatus, 0);
    expect((await run(0, eraseAt(0x08080000))).bStatus).toBe(dfuStatus.errTARGET);
    await out(dfuRequest.clrStatus, 0);
    expect((await run(0, setAddress(start + 512 * 1024 - 4))).bStatus).toBe(ok);
    expect((await run(2, new Uint8Array(8))).bStatus).toBe(dfuStatus.errADDRESS);
  });

  it('gives the UID where the part allows it and refuses it where not', async () => {
    const yes = setUp();
    await yes.run(0, setAddress(0x1fff7a10));
    await yes.out(dfuRequest.abort, 0);
    expect(await yes.read(dfuRequest.upload, 2, 12)).toEqual(romUid);
    const no = setUp({ uidReadable: false });
    expect((await no.run(0, setAddress(0x1fff7a10))).bStatus).toBe(ok);
    await no.out(dfuRequest.abort, 0);
    await expect(no.read(dfuRequest.upload, 2, 12)).rejects.toThrow(UsbStall);
  });

  it('does nothing but lift the protection while it is read-protected', async () => {
    const { chip, run, out, read, flash, calls, clock, status } = setUp();
    chip.readProtected = true;
    flash.load(start, Uint8Array.of(0x12));
    await expect(read(dfuRequest.upload, 2, 16)).rejects.toThrow(UsbStall);
    expect(await status()).toMatchObject({ bStatus: dfuStatus.errVENDOR });
    await out(dfuRequest.clrStatus, 0);
    expect((await run(0, [0x41])).bStatus).toBe(dfuStatus.errVENDOR);
    await out(dfuRequest.clrStatus, 0);
    expect((await run(2, [1, 2, 3, 4])).bStatus).toBe(dfuStatus.errVENDOR);
    await out(dfuRequest.clrStatus, 0);
    const before = clock.nowMs();
    await run(0, [0x92]);
    expect(clock.nowMs() - before).toBe(8000);
    expect(chip.readProtected).toBe(false);
    expect(flash.read(start, 1)).toEqual(Uint8Array.of(0xff));
    expect(calls).toEqual(['reset']);
  });

  it('leaves to the program at the pointer', async () => {
    const { run, out, status, calls } = setUp();
    await run(0, setAddress(start));
    await out(dfuRequest.dnload, 2, []);
    expect(calls).toEqual([]);
    expect(await status()).toMatchObject({ bState: dfuState.dfuMANIFEST });
    expect(calls).toEqual(['start 0x8000000']);
  });

  it('erases twice as fast if the device feature sets the supply voltage', async () => {
    const { run, out, clock } = setUp();
    await run(0, setAddress(0xffff0000));
    await run(2, [3, 0, 0, 0]);
    const before = clock.nowMs();
    await out(dfuRequest.abort, 0);
    await run(0, eraseAt(start));
    expect(clock.nowMs() - before).toBe(250);
  });
});

describe('what the ROM says of itself', () => {
  it('names the memories of each part', () => {
    const name = (mcu: McuName, flashKiB: number, index: number) =>
      stringOf(setUp({ mcu, flashKiB }).rom.descriptors.strings.get(index));
    expect(name('stm32f446xx', 512, 4)).toBe('@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg');
    expect(name('stm32f407xx', 1024, 4)).toBe('@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg');
    expect(name('stm32f429xx', 2048, 4)).toBe(
      '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg',
    );
    expect(name('stm32f407xx', 1024, 6)).toBe('@OTP Memory /0x1FFF7800/01*512 e,01*016 e');
  });

  it('claims 166 bytes for a string of 112 on F429', () => {
    const broken = setUp({ mcu: 'stm32f429xx', flashKiB: 2048 }).rom.descriptors.strings.get(5);
    expect([broken?.[0], broken?.length]).toEqual([166, 112]);
    const oneMiB = setUp({ mcu: 'stm32f429xx', flashKiB: 1024 }).rom.descriptors.strings.get(4);
    expect([oneMiB?.[0], oneMiB?.length]).toEqual([166, 112]);
  });

  it('reports the constant serial on F446 and the lossy one on F407', () => {
    expect(stringOf(setUp().rom.descriptors.strings.get(3))).toBe('STM32FxSTM32');
    const f407 = setUp({ mcu: 'stm32f407xx', flashKiB: 1024 }).rom.descriptors.strings.get(3);
    // word0 + word2 = 0x00140043 + 0x2031314e, word1 >> 16 = 0x4e53 of this UID.
    expect(stringOf(f407)).toBe('204531914E53');
  });

  it('has one interface with an alternate setting a memory and a functional descriptor', () => {
    const { device, configuration } = setUp().rom.descriptors;
    expect([...device.subarray(8, 12)]).toEqual([0x83, 0x04, 0x11, 0xdf]);
    expect(configuration).toHaveLength(9 + 4 * 9 + 9);
    expect([...configuration.subarray(-9)]).toEqual([9, 0x21, 0x0b, 255, 0, 0, 8, 0x1a, 1]);
  });
});

describe('faults of ROM DFU', () => {
  it('pulls the cable at a byte of a block', async () => {
    const { run, flash, calls, struck } = setUp({
      faults: [{ kind: 'unplug', mode: 'dfu', phase: 'write', after: 3000 }],
    });
    await run(2, new Uint8Array(2048));
    expect(calls).toEqual([]);
    await run(3, new Uint8Array(2048));
    expect(calls).toEqual(['unplug']);
    expect(struck).toHaveLength(1);
    expect(flash.read(start + 2999, 2)).toEqual(Uint8Array.of(0, 0xff));
  });

  it('pulls the cable in the middle of the second erase', async () => {
    const { run, flash, calls } = setUp({
      faults: [{ kind: 'unplug', mode: 'dfu', phase: 'erase', after: 1 }],
    });
    flash.load(start, new Uint8Array(48 * 1024));
    await run(0, eraseAt(start));
    await run(0, eraseAt(start + 0x8000));
    expect(calls).toEqual(['unplug']);
    expect(flash.read(start + 0x8000 + 8191, 2)).toEqual(Uint8Array.of(0xff, 0));
  });

  it('stays busy until ABORT', async () => {
    const { out, status } = setUp({
      faults: [{ kind: 'busy-forever', operation: 0, clearedBy: 'abort' }],
    });
    for (let poll = 0; poll < 3; poll++) expect((await status()).bState).toBe(dfuState.dfuDNBUSY);
    await out(dfuRequest.abort, 0);
    expect((await status()).bState).toBe(dfuState.dfuIDLE);
  });

  it('stays busy until reset from the second operation on', async () => {
    const { run, out } = setUp({ faults: [{ kind: 'busy-forever', operation: 2, clearedBy: 'reset' }] });
    await run(0, setAddress(start));
    expect((await run(2, [1, 2, 3, 4])).bState).toBe(dfuState.dfuDNLOAD_IDLE);
    expect((await run(3, [1, 2, 3, 4])).bState).toBe(dfuState.dfuDNBUSY);
    await expect(out(dfuRequest.abort, 0)).rejects.toThrow(UsbStall);
    await expect(out(dfuRequest.clrStatus, 0)).rejects.toThrow(UsbStall);
  });

  it('takes an early GETSTATUS for an error if configured', async () => {
    const { out, status, clock } = setUp({ faults: [{ kind: 'strict-polling' }] });
    await out(dfuRequest.dnload, 0, eraseAt(start));
    const { pollMs } = await status();
    await clock.sleep(pollMs);
    expect(await status()).toMatchObject({ bState: dfuState.dfuDNLOAD_IDLE });
    await out(dfuRequest.dnload, 0, setAddress(start));
    await status();
    expect(await status()).toMatchObject({ bState: dfuState.dfuERROR });
  });

  it('begins with errFIRMWARE', async () => {
    const { out, status } = setUp({ faults: [{ kind: 'first-status-error' }] });
    expect(await status()).toMatchObject({ bStatus: dfuStatus.errFIRMWARE, bState: dfuState.dfuERROR });
    await out(dfuRequest.clrStatus, 0);
    expect(await status()).toMatchObject({ bStatus: ok, bState: dfuState.dfuIDLE });
  });
});
