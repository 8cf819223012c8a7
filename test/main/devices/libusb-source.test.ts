import { afterEach, describe, expect, it } from 'vitest';
import type { DriverKind } from '../../../app/boards/device-driver.ts';
import { boardMode } from '../../../app/boards/board-mode.ts';
import { portOf, type UsbDevice, type UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { HostDevices } from '../../../main/devices/host-devices.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { HostView } from '../../../main/sim/host-view/host-view.ts';
import type { HostViewOptions } from '../../../main/sim/host-view/host-view-options.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { board, someUid, untilRunning, withBridge, withKatapult } from '../sim/bench-rig.ts';

class SeenThrough implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly bench: VirtualBench;
  readonly devices: HostDevices;
  readonly view: HostView;
  readonly events: UsbDeviceEvent[] = [];
  readonly #waiters = new Set<() => void>();

  private constructor(boards: readonly BoardInput[], options: HostViewOptions) {
    this.bench = new VirtualBench({ boards: [...boards] }, { clock: this.clock });
    this.view = new HostView(this.bench, options);
    this.devices = new HostDevices({ clock: this.clock, system: this.view });
  }

  static async open(boards: readonly BoardInput[], options: HostViewOptions): Promise<SeenThrough> {
    const seen = new SeenThrough(boards, options);
    await seen.devices.watch((event) => {
      seen.events.push(event);
      for (const waiter of seen.#waiters) waiter();
    });
    return seen;
  }

  /** The device on the port, once it is as wanted. */
  until(isSo: (device: UsbDevice | null) => boolean, portPath = '1-1'): Promise<UsbDevice | null> {
    return new Promise((resolve) => {
      const look = (): void => {
        const last = this.events.findLast((event) => portOf(event) === portPath);
        const now = last !== undefined && 'device' in last ? last.device : null;
        if (!isSo(now)) return;
        this.#waiters.delete(look);
        resolve(now);
      };
      this.#waiters.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.devices[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }
}

let seen: SeenThrough | null = null;
afterEach(async () => {
  await seen?.[Symbol.asyncDispose]();
  seen = null;
});

const windows = (options: Omit<HostViewOptions, 'system'> = {}): HostViewOptions => ({
  system: 'win32',
  ...options,
});
const inDfu = board({ boot0: true });
const inKatapult = board({ flash: withKatapult });
const bridge = board({ flash: withBridge });

describe('the devices of a Windows computer', () => {
  it('have strings, interfaces and a driver where WinUSB is bound', async () => {
    seen = await SeenThrough.open([inDfu], windows());
    expect(await seen.until((device) => device !== null && device.driver !== null)).toMatchObject({
      ...{ manufacturer: 'STMicroelectronics', product: 'STM32  BOOTLOADER', serialNumber: 'STM32FxSTM32' },
      ...{ portPath: '1-1', interfaces: ['fe/01/02'], tty: null, access: { ok: true } },
      driver: { kind: 'winusb', service: 'WinUSB', provider: 'libwdi' },
    });
  });

  it('include a bridge without a driver, which libusb does not list: with UID and MCU, and not to be opened', async () => {
    seen = await SeenThrough.open([bridge], windows());
    const device = await seen.until((now) => now !== null);
    expect(device).toMatchObject({
      ...{ vendorId: 0x1d50, productId: 0x606f, serialNumber: someUid, product: 'stm32f446xx' },
      ...{ driver: { kind: 'none' }, access: { ok: false, code: 'link/no-driver' } },
    });
    expect(device && boardMode(device)).toBe('can-bridge');
    await expect(seen.devices.openUsb('1-1')).rejects.toMatchObject({
      code: 'link/no-driver',
      message: expect.stringContaining('1d50:606f at 1-1') as string,
    });
  });

  it('include one that libusb lists and does not open, without further facts', async () => {
    const options = windows({ hasDeviceTree: false, listsDriverless: true });
    seen = await SeenThrough.open([bridge], options);
    const device = await seen.until((now) => now !== null);
    expect(device).toMatchObject({
      ...{ manufacturer: null, product: null, serialNumber: null, driver: null },
      ...{ interfaces: ['ff/ff/ff'], access: { ok: false, code: 'link/no-driver' } },
    });
    expect(device && boardMode(device)).toBe('can-bridge');
  });

  it.each<[DriverKind, boolean]>([
    ['libusbk', true],
    ['libusb0', true],
    ['st', false],
    ['other', false],
    ['none', false],
  ])('can be opened or not by the driver that is bound: %s', async (driver, opens) => {
    seen = await SeenThrough.open([inDfu], windows({ drivers: { dfu: driver } }));
    const device = await seen.until((now) => now !== null && now.driver !== null);
    expect(device?.driver?.kind).toBe(driver);
    expect(device?.access).toEqual(opens ? { ok: true } : { ok: false, code: 'link/no-driver' });
    const opening = seen.devices.openUsb('1-1');
    if (opens) await (await opening).close();
    else await expect(opening).rejects.toMatchObject({ code: 'link/no-driver' });
  });

  it('have the access of their serial port, which comes later and without an event', async () => {
    seen = await SeenThrough.open([inKatapult], windows());
    const device = await seen.until((now) => now !== null && now.tty !== null && now.driver !== null);
    expect(device).toMatchObject({
      ...{ tty: 'COM3', serialNumber: someUid, product: 'stm32f446xx' },
      ...{ access: { ok: true }, driver: { kind: 'serial', service: 'usbser' } },
    });
    await (await seen.devices.openSerial('1-1')).close();
  });

  it('name a serial port that is in use', async () => {
    seen = await SeenThrough.open([inKatapult], windows());
    await seen.until((now) => now !== null && now.tty !== null);
    const first = await seen.devices.openSerial('1-1');
    await expect(seen.devices.openSerial('1-1')).rejects.toMatchObject({ code: 'link/busy' });
    await first.close();
  });

  it('are the same arrival when their driver is installed, and another one when they are plugged in anew', async () => {
    seen = await SeenThrough.open([inDfu], windows({ drivers: { dfu: 'none' } }));
    await seen.until((now) => now?.driver?.kind === 'none');
    seen.view.bindDriver('dfu', 'winusb');
    await seen.until((now) => now?.access.ok === true && now.driver?.kind === 'winusb');
    expect(new Set(seen.events.slice(1).map(({ type }) => type))).toEqual(new Set(['change']));
    seen.bench.board('a').unplug();
    await seen.until((now) => now === null);
    seen.bench.board('a').plug();
    await seen.until((now) => now?.access.ok === true);
    expect(seen.events.at(-1)?.type).toBe('attach');
  });

  it('never show a bridge that was there before the board went to Katapult', async () => {
    seen = await SeenThrough.open([bridge], windows());
    await seen.until((now) => now !== null);
    const virtual = seen.bench.board('a');
    virtual.doubleTap();
    await seen.until((now) => now?.productId === 0x6177);
    virtual.unplug();
    await seen.until((now) => now === null);
    const after = seen.events.length;
    await seen.clock.sleep(5_000);
    expect(seen.events.slice(after)).toEqual([]);
  });

  it('have one place in libusb and in Windows, on a bus that no other device identifies, too', async () => {
    seen = await SeenThrough.open(
      [inKatapult, board({ id: 'b', port: '1-2.3', flash: withBridge })],
      windows(),
    );
    const device = await seen.until((now) => now !== null, '1-2.3');
    expect(device?.productId).toBe(0x606f);
  });
});

describe('the devices of a Mac', () => {
  it.each([
    ['DFU', inDfu, 'STM32  BOOTLOADER', null],
    ['Katapult', inKatapult, 'stm32f446xx', '/dev/cu.usbmodem01101'],
    ['a bridge', bridge, 'stm32f446xx', null],
  ])('have strings and may be opened: %s', async (_mode, input, product, tty) => {
    seen = await SeenThrough.open([input], { system: 'darwin' });
    const device = await seen.until((now) => now !== null && now.tty === tty);
    expect(device).toMatchObject({ product, access: { ok: true }, driver: null });
  });

  it('have the serial port at the same place, of two boards of a kind', async () => {
    const other = board({ id: 'b', uid: '39001B000C51313339373836', port: '1-2.3', flash: withKatapult });
    seen = await SeenThrough.open([inKatapult, other], { system: 'darwin' });
    expect((await seen.until((now) => now !== null && now.tty !== null))?.tty).toBe('/dev/cu.usbmodem01101');
    expect((await seen.until((now) => now !== null && now.tty !== null, '1-2.3'))?.tty).toBe(
      '/dev/cu.usbmodem01231',
    );
  });

  it('name a serial port that this user may not use', async () => {
    const faults = [{ kind: 'access', code: 'link/access' }] as const;
    seen = await SeenThrough.open([{ ...inKatapult, faults: [...faults] }], { system: 'darwin' });
    const device = await seen.until((now) => now !== null && now.tty !== null);
    expect(device?.access).toEqual({ ok: false, code: 'link/access' });
  });

  it('let a bridge be opened while nothing else has it, and name what holds it', async () => {
    seen = await SeenThrough.open([bridge], { system: 'darwin' });
    await untilRunning(seen.bench, 'a', 'can-bridge');
    const link = await seen.devices.openUsb('1-1');
    await expect(seen.devices.openUsb('1-1')).rejects.toMatchObject({ code: 'link/busy' });
    await link.close();
  });
});
