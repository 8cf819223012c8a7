import { describe, expect, it } from 'vitest';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { bench, board, someUid, untilRunning, watched, withBridge, withKatapult } from './bench-rig.ts';

const otherUid = '39001B000C51313339373836';

describe('VirtualBench', () => {
  it('shows each board on its port, with what the chip says of itself', async () => {
    const { bench: virtual, devices } = bench(
      board({ boot0: true }),
      board({ id: 'b', uid: otherUid, port: '1-4.2', flash: withKatapult }),
    );
    await untilRunning(virtual, 'a', 'dfu');
    await untilRunning(virtual, 'b', 'katapult');
    await virtual.clock.sleep(50);
    expect(await devices.list()).toEqual([
      {
        portPath: '1-1',
        vendorId: 0x0483,
        productId: 0xdf11,
        bcdDevice: 0x2200,
        manufacturer: 'STMicroelectronics',
        product: 'STM32  BOOTLOADER',
        serialNumber: 'STM32FxSTM32',
        interfaces: ['fe/01/02'],
        tty: null,
        access: { ok: true },
        driver: null,
      },
      {
        portPath: '1-4.2',
        vendorId: 0x1d50,
        productId: 0x6177,
        bcdDevice: 0x0100,
        manufacturer: 'katapult',
        product: 'stm32f446xx',
        serialNumber: otherUid,
        interfaces: ['02/02/01', '0a/00/00'],
        tty: 'sim:1-4.2',
        access: { ok: true },
        driver: null,
      },
    ]);
  });

  it('gives two F446 in DFU the same serial number', async () => {
    const { bench: virtual, devices } = bench(
      board({ boot0: true }),
      board({ id: 'b', uid: otherUid, port: '1-2', boot0: true }),
    );
    await untilRunning(virtual, 'b', 'dfu');
    const serials = (await devices.list()).map((device) => device.serialNumber);
    expect(serials).toEqual(['STM32FxSTM32', 'STM32FxSTM32']);
  });

  it('sends a new watcher the present devices and everyone the events, in order', async () => {
    const { bench: virtual } = bench(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    const seen = await watched(virtual);
    const late = await watched(virtual);
    virtual.board('a').doubleTap();
    await untilRunning(virtual, 'a', 'katapult');
    await virtual.clock.sleep(50);
    expect(seen).toEqual([
      'attach 1d50:606f 1-1',
      'detach 1-1',
      'attach 1d50:6177 1-1',
      'change 1d50:6177 1-1 sim:1-1',
    ]);
    expect(late).toEqual(seen);
  });

  it('stops telling who does not want to hear more', async () => {
    const { bench: virtual, devices } = bench(board({ boot0: true }));
    const seen: string[] = [];
    const stop = await devices.watch((event) => seen.push(event.type));
    stop();
    await untilRunning(virtual, 'a', 'dfu');
    expect(seen).toEqual([]);
  });

  it('moves a board to another port, and swaps two', async () => {
    const { bench: virtual } = bench(
      board({ boot0: true }),
      board({ id: 'b', uid: otherUid, port: '1-2', boot0: true }),
    );
    await untilRunning(virtual, 'b', 'dfu');
    const seen = await watched(virtual);
    virtual.swap('a', 'b');
    await untilRunning(virtual, 'b', 'dfu');
    expect(seen.slice(2)).toEqual([
      'detach 1-1',
      'detach 1-2',
      'attach 0483:df11 1-2',
      'attach 0483:df11 1-1',
    ]);
    virtual.moveBoard('a', '1-7.1');
    expect(virtual.boardAt('1-7.1')?.id).toBe('a');
    expect(() => virtual.moveBoard('a', '1-1')).toThrow(/taken by the virtual board "b"/);
    virtual.board('a').unplug();
    virtual.moveBoard('b', '1-7.1');
    expect(() => virtual.board('a').plug()).toThrow(/taken by the virtual board "b"/);
  });

  it('takes a hub away with everything behind it, and brings it back', async () => {
    const { bench: virtual, devices } = bench(
      board({ boot0: true, port: '1-4.1' }),
      board({ id: 'b', uid: otherUid, port: '1-4.2.3', boot0: true }),
      board({ id: 'c', uid: '37001A001851303439363932', port: '1-40', boot0: true }),
    );
    await untilRunning(virtual, 'c', 'dfu');
    virtual.unplugHub('1-4');
    expect((await devices.list()).map(({ portPath }) => portPath)).toEqual(['1-40']);
    virtual.plugHub('1-4');
    await untilRunning(virtual, 'b', 'dfu');
    expect(await devices.list()).toHaveLength(3);
  });

  it('opens a device for one user at a time', async () => {
    const { bench: virtual, devices } = bench(board({ flash: withKatapult }));
    await untilRunning(virtual, 'a', 'katapult');
    await virtual.clock.sleep(50);
    const link = await devices.openSerial('1-1');
    await expect(devices.openUsb('1-1')).rejects.toMatchObject({ code: 'link/busy' });
    await link.close();
    await (await devices.openUsb('1-1')).close();
    await expect(devices.openUsb('1-2')).rejects.toMatchObject({ code: 'device/not-found' });
  });

  it('has no serial port on a device without one', async () => {
    const { bench: virtual, devices } = bench(board({ boot0: true }));
    await untilRunning(virtual, 'a', 'dfu');
    await expect(devices.openSerial('1-1')).rejects.toMatchObject({ code: 'device/not-found' });
  });

  it.each([
    ['an unknown field', { ...board(), colour: 'red' }, /boards\.0/],
    ['a UID of 23 digits', board({ uid: someUid.slice(1) }), /boards\.0\.uid: 24 hex digits/],
    ['a port that is none', board({ port: 'usb3' }), /boards\.0\.port/],
    ['more flash than there is', board({ flashKiB: 1024 }), /boards\.0\.flashKiB/],
  ])('refuses %s and names the field', (_, wrong, message) => {
    const open = () => new VirtualBench({ boards: [wrong] }, { clock: new VirtualClock() });
    expect(open).toThrow(message);
  });

  it('refuses two boards with one name or on one port', () => {
    expect(() => bench(board(), board({ port: '1-2' }))).toThrow(/boards\.1\.id/);
    expect(() => bench(board(), board({ id: 'b' }))).toThrow(/boards\.1\.port/);
    expect(() => bench(board()).bench.addBoard(board())).toThrow(/already/);
  });

  it('starts 64 boards in little time and memory', async () => {
    const uid = (index: number) => index.toString(16).padStart(24, '0');
    const before = process.memoryUsage().arrayBuffers;
    const { bench: virtual, devices } = bench(
      ...Array.from({ length: 64 }, (_, index) =>
        board({
          id: `b${index}`,
          uid: uid(index),
          port: `1-${1 + (index >> 3)}.${1 + (index & 7)}`,
          boot0: true,
        }),
      ),
    );
    await untilRunning(virtual, 'b63', 'dfu');
    expect(await devices.list()).toHaveLength(64);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('ends with everything gone and nothing left running', async () => {
    const { bench: virtual, devices, clock } = bench(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    const link = await devices.openUsb('1-1');
    await devices[Symbol.asyncDispose]();
    const request = { bmRequestType: 0x80, bRequest: 6, wValue: 0x0100, wIndex: 0 };
    await expect(link.controlIn(request, 18, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'link/gone',
    });
    await clock.sleep(10_000);
    expect(virtual.board('a').running).toBe('off');
  });
});
