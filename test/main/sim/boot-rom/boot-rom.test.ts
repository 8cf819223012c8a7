import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../../app/errors.ts';
import {
  encodeCommand,
  exclusiveAccess,
  exitXip,
  flashErase,
  picobootCommands,
  read,
  reboot,
  reboot2,
  write,
  type PicobootRequest,
} from '../../../../app/protocols/picoboot/command.ts';
import { findPicoboot } from '../../../../app/protocols/picoboot/interface.ts';
import { decodeStatus, resetSetup, statusSetup } from '../../../../app/protocols/picoboot/status.ts';
import { chipInfo, decodeChipInfo } from '../../../../app/protocols/picoboot/system-info.ts';
import type { RpName } from '../../../../main/sim/boot-rom/boot-rom-descriptors.ts';
import { Random } from '../../../fixtures/random.ts';
import { bootRomConfiguration } from '../../../app/protocols/picoboot/vectors.ts';
import { BootRomRig, chipId, rpFlashStart } from './boot-rom-rig.ts';

const out = 0x03;
const into = 0x84;
const timeoutMs = 5_000;
const nothing = new Uint8Array(0);

async function setUp(mcu: RpName = 'rp2040', flashKiB = 2048) {
  const rig = new BootRomRig(mcu, flashKiB);
  const link = rig.open();
  await link.claimInterface(1);
  let token = 0;
  const send = (request: PicobootRequest) =>
    link.bulkOut(out, encodeCommand({ token: (token += 1), ...request }), { timeoutMs });
  const status = async () => decodeStatus(await link.controlIn(statusSetup(1), 16, { timeoutMs }));
  return {
    ...{ rig, link, send, status },
    flash: rig.flash,
    reset: () => link.controlOut(resetSetup(1), nothing, { timeoutMs }),
    /** A command without data, and its acknowledgement. */
    run: async (request: PicobootRequest) => {
      await send(request);
      return link.bulkIn(into, 64, { timeoutMs });
    },
    write: async (address: number, bytes: Uint8Array) => {
      await send(write(address, bytes.length));
      await link.bulkOut(out, bytes, { timeoutMs });
      return link.bulkIn(into, 64, { timeoutMs });
    },
    read: async (address: number, size: number) => {
      await send(read(address, size));
      const bytes = await link.bulkIn(into, size, { timeoutMs });
      await link.bulkOut(out, nothing, { timeoutMs });
      return bytes;
    },
  };
}

const failed = async (work: Promise<unknown>, code: 'link/stall' | 'link/timeout' | 'link/gone') => {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  return isCanopusError(error, code);
};

describe('the virtual boot ROM', () => {
  it('describes itself as the RP2040 does', async () => {
    const { link } = await setUp();
    expect(link.label).toBe('2e8a:0003 at 1-1');
    expect(link.configurationDescriptor).toEqual(bootRomConfiguration);
    expect(findPicoboot(link.configurationDescriptor)).toEqual({
      ...{ interfaceNumber: 1, outEndpoint: out, inEndpoint: into },
    });
  });

  it('erases, writes and reads flash as flash is', async () => {
    const { run, write: put, read: get, rig, flash } = await setUp();
    const image = new Random(7).bytes(4096 + 512);
    flash.load(rpFlashStart, new Uint8Array(3 * 4096));
    await run(exclusiveAccess(1));
    await run(exitXip);
    const before = rig.clock.nowMs();
    expect(await run(flashErase(rpFlashStart, 8192))).toEqual(nothing);
    expect(rig.clock.nowMs() - before).toBeGreaterThanOrEqual(90);
    await put(rpFlashStart, image);
    expect(await get(rpFlashStart, image.length)).toEqual(image);
    expect(flash.isErased(rpFlashStart + image.length, 8192 - image.length)).toBe(true);
    // Not erased: ones do not come back.
    await put(rpFlashStart, new Uint8Array(256).fill(0xff));
    expect(flash.read(rpFlashStart, 256)).toEqual(image.subarray(0, 256));
    expect(flash.eraseCounts.slice(0, 3)).toEqual([1, 1, 0]);
  });

  it('shows the beginning of a smaller flash again behind its end', async () => {
    const { read: get, flash } = await setUp('rp2040', 4096);
    flash.load(rpFlashStart, Uint8Array.of(1, 2, 3));
    const [first, beyond, inside] = [
      await get(rpFlashStart, 512),
      await get(rpFlashStart + 0x400000, 512),
      await get(rpFlashStart + 0x200000, 512),
    ];
    expect(beyond).toEqual(first);
    expect(inside).not.toEqual(first);
  });

  it.each([
    ['an unknown command', { id: 0x7f, args: nothing, transferLength: 0 }, 'UNKNOWN_CMD'],
    ['arguments of a wrong length', { ...exitXip, args: new Uint8Array(4) }, 'INVALID_CMD_LENGTH'],
    [
      'data of a wrong length',
      { ...write(rpFlashStart, 256), transferLength: 255 },
      'INVALID_TRANSFER_LENGTH',
    ],
    ["the other chip's reboot", reboot2(0), 'UNKNOWN_CMD'],
  ] as const)('halts both endpoints for %s', async (_, request, name) => {
    const { send, link, status, reset, run } = await setUp();
    await send(request);
    expect(await failed(link.bulkIn(into, 64, { timeoutMs }), 'link/stall')).toBe(true);
    expect(await failed(link.bulkOut(out, nothing, { timeoutMs }), 'link/stall')).toBe(true);
    expect(await status()).toMatchObject({ status: name, command: request.id, inProgress: false });
    await reset();
    expect(await run(exitXip)).toEqual(nothing);
  });

  it('halts for a packet that is no command', async () => {
    const { link } = await setUp();
    await link.bulkOut(out, new Uint8Array(32), { timeoutMs });
    expect(await failed(link.bulkIn(into, 64, { timeoutMs }), 'link/stall')).toBe(true);
  });

  it.each([
    ['an address off a page', rpFlashStart + 1, 'BAD_ALIGNMENT'],
    ['an address outside of all memories', 0x30000000, 'INVALID_ADDRESS'],
  ])('refuses to read from %s', async (_, address, name) => {
    const { read: get, status } = await setUp();
    expect(await failed(get(address, 256), 'link/stall')).toBe(true);
    expect((await status()).status).toBe(name);
  });

  it('acknowledges an erase that it refuses on the RP2040, and says so on the RP2350', async () => {
    const old = await setUp('rp2040');
    expect(await old.run(flashErase(rpFlashStart + 256, 4096))).toEqual(nothing);
    expect((await old.status()).status).toBe('OK');
    expect(old.flash.eraseCounts.every((count) => count === 0)).toBe(true);
    const young = await setUp('rp2350');
    expect(await failed(young.run(flashErase(rpFlashStart + 256, 4096)), 'link/stall')).toBe(true);
    expect((await young.status()).status).toBe('BAD_ALIGNMENT');
  });

  it('reaches RAM at any address, and keeps what is written there', async () => {
    const { write: put, read: get } = await setUp();
    await put(0x15000003, Uint8Array.of(1, 2, 3));
    expect(await get(0x15000002, 5)).toEqual(Uint8Array.of(0, 1, 2, 3, 0));
  });

  it('does nothing to flash that is mapped into memory', async () => {
    const { run, read: get, flash } = await setUp();
    flash.load(rpFlashStart, Uint8Array.of(7));
    await run({ ...exitXip, id: picobootCommands.ENTER_CMD_XIP });
    await run(flashErase(rpFlashStart, 4096));
    expect(await get(rpFlashStart, 1)).toEqual(Uint8Array.of(0));
    await run(exitXip);
    expect(await get(rpFlashStart, 1)).toEqual(Uint8Array.of(7));
  });

  it('ends an erase half-way when the interface is reset', async () => {
    const { send, reset, run, flash, rig } = await setUp();
    flash.load(rpFlashStart, new Uint8Array(8192));
    await send(flashErase(rpFlashStart, 8192));
    await rig.clock.sleep(20);
    await reset();
    await rig.clock.sleep(500);
    expect(flash.isErased(rpFlashStart, 1024)).toBe(true);
    expect(flash.isErased(rpFlashStart + 4096, 4096)).toBe(false);
    expect(await run(exitXip)).toEqual(nothing);
  });

  it('keeps a WRITE that was cut off by a reset from eating the next command', async () => {
    const { send, link, reset, run } = await setUp();
    await send(write(rpFlashStart, 512));
    await link.bulkOut(out, new Uint8Array(100), { timeoutMs });
    await reset();
    expect(await run(exitXip)).toEqual(nothing);
  });

  it('reboots after the given time, each chip with its own command', async () => {
    const old = await setUp('rp2040');
    await old.run(reboot(500));
    expect(old.rig.restarts).toEqual([{ delayMs: 500, into: 'flash' }]);
    await old.rig.clock.sleep(600);
    expect(await failed(old.run(exitXip), 'link/gone')).toBe(true);
    const young = await setUp('rp2350');
    await young.run(reboot2(500));
    expect(young.rig.restarts).toEqual([{ delayMs: 500, into: 'flash' }]);
    expect(await failed((await setUp('rp2350')).run(reboot(500)), 'link/stall')).toBe(true);
  });

  it('names its chip on the RP2350 only', async () => {
    const { send, link } = await setUp('rp2350');
    expect(link.label).toBe('2e8a:000f at 1-1');
    await send(chipInfo());
    expect(decodeChipInfo(await link.bulkIn(into, 20, { timeoutMs }))).toBe(chipId);
    const old = await setUp('rp2040');
    await old.send(chipInfo());
    expect(await failed(old.link.bulkIn(into, 20, { timeoutMs }), 'link/stall')).toBe(true);
  });

  it('loses its power at any byte of a write, and keeps what was written', async () => {
    const { run, write: put, rig, flash } = await setUp();
    await run(flashErase(rpFlashStart, 4096));
    rig.faults.arm({ kind: 'unplug', mode: 'bootsel', phase: 'write', after: 300 });
    expect(await failed(put(rpFlashStart, new Uint8Array(1024)), 'link/gone')).toBe(true);
    expect(flash.isErased(rpFlashStart + 300, 4096 - 300)).toBe(true);
    expect(flash.read(rpFlashStart, 300)).toEqual(new Uint8Array(300));
  });
});
