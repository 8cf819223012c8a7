import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { ListedDevices, usbDevice } from './listed-devices.ts';

const never = { timeoutMs: 60_000 };

describe('DeviceWatch', () => {
  it('knows what was there before it opened', async () => {
    const devices = new ListedDevices();
    devices.attach(usbDevice('1-1'));
    using watch = await DeviceWatch.open(devices, systemClock);
    expect(watch.at('usb:1-1')?.place).toBe('usb:1-1');
    expect(watch.at('usb:1-2')).toBeNull();
  });

  it('gives a board that came back another arrival, and the same one when only more is known of it', async () => {
    const devices = new ListedDevices();
    using watch = await DeviceWatch.open(devices, systemClock);
    devices.attach(usbDevice('1-1'));
    const first = watch.at('usb:1-1')!.arrival;
    devices.change(usbDevice('1-1', { tty: '/dev/ttyACM0' }));
    expect(watch.at('usb:1-1')!.arrival).toBe(first);
    devices.detach('1-1');
    devices.attach(usbDevice('1-1'));
    expect(watch.at('usb:1-1')!.arrival).toBeGreaterThan(first);
  });

  it('ends a wait as soon as the event arrives', async () => {
    const devices = new ListedDevices();
    using watch = await DeviceWatch.open(devices, systemClock);
    const waiting = watch.waitFor((now) => now.at('usb:1-3'), never);
    devices.attach(usbDevice('1-2'));
    devices.attach(usbDevice('1-3'));
    expect((await waiting)?.place).toBe('usb:1-3');
  });

  it('returns null when the time is over', async () => {
    using watch = await DeviceWatch.open(new ListedDevices(), systemClock);
    expect(await watch.waitFor((now) => now.at('usb:1-1'), { timeoutMs: 1 })).toBeNull();
  });

  it('rejects an aborted wait as cancelled', async () => {
    using watch = await DeviceWatch.open(new ListedDevices(), systemClock);
    const controller = new AbortController();
    const waiting = watch.waitFor((now) => now.at('usb:1-1'), { ...never, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ends every wait with the error that its devices were lost to', async () => {
    const devices = new ListedDevices();
    using watch = await DeviceWatch.open(devices, systemClock);
    const waiting = watch.waitFor((now) => now.at('usb:1-1'), never);
    watch.lose(new CanopusError('shell/lost', 'the connection broke'));
    await expect(waiting).rejects.toMatchObject({ code: 'shell/lost' });
    devices.attach(usbDevice('1-1'));
    await expect(watch.waitFor((now) => now.at('usb:1-1'), never)).rejects.toMatchObject({
      code: 'shell/lost',
    });
  });

  it('stops listening when it is disposed', async () => {
    const devices = new ListedDevices();
    {
      using watch = await DeviceWatch.open(devices, systemClock);
      expect(watch.all()).toEqual([]);
      expect(devices.listenerCount).toBe(1);
    }
    expect(devices.listenerCount).toBe(0);
  });
});
