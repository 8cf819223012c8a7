import { describe, expect, it } from 'vitest';
import type { UsbLink } from '../../app/transport/usb-link.ts';

/** An opened device, and the means to pull its cable. */
export interface OpenedDevice {
  readonly link: UsbLink;
  /** Resolves when the platform knows that the device is gone. */
  readonly unplug: () => Promise<void>;
}

export interface UsbLinkRig {
  /** A fresh STM32F446 in ROM DFU whose first sector takes its time to erase (250 ms or more). */
  openDfu(): Promise<OpenedDevice>;
  /** A fresh board in Katapult, opened as a USB device: bulk endpoints 0x02 and 0x81 on interface 1. */
  openKatapult(): Promise<OpenedDevice>;
}

const classOut = { bmRequestType: 0x21, wIndex: 0 };
const classIn = { bmRequestType: 0xa1, wIndex: 0 };
const dnload = { ...classOut, bRequest: 1, wValue: 0 };
const getStatus = { ...classIn, bRequest: 3, wValue: 0 };
const getState = { ...classIn, bRequest: 5, wValue: 0 };
const clrStatus = { ...classOut, bRequest: 4, wValue: 0 };
const nothing = new Uint8Array(0);
const soon = { timeoutMs: 5000 };
const dfuIDLE = 2;

const connect = Uint8Array.of(0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03);
const unknown = Uint8Array.of(0x01, 0x88, 0x90, 0x00, 0xe5, 0xe9, 0x99, 0x03);
const commandError = Uint8Array.of(0x01, 0x88, 0xf2, 0x00, 0x00, 0xbf, 0x99, 0x03);

/** Whatever a UsbLink is made of, it behaves like this. */
export function usbLinkConformance(name: string, rig: UsbLinkRig): void {
  const openDfu = async () => {
    const device = await rig.openDfu();
    await device.link.claimInterface(0);
    return device;
  };
  /** Leaves the device busy with an erase. */
  const startErase = async (link: UsbLink) => {
    await link.controlOut(dnload, Uint8Array.of(0x41, 0, 0, 0, 8), soon);
    expect((await link.controlIn(getStatus, 6, soon))[4]).toBe(4);
  };

  describe(`${name} is a UsbLink`, () => {
    it('has the descriptors as the device sent them', async () => {
      const { link } = await rig.openDfu();
      expect([...link.deviceDescriptor.subarray(0, 2), ...link.deviceDescriptor.subarray(8, 12)]).toEqual([
        18, 1, 0x83, 0x04, 0x11, 0xdf,
      ]);
      const configuration = link.configurationDescriptor;
      expect(configuration.length).toBe((configuration[2] ?? 0) | ((configuration[3] ?? 0) << 8));
      expect([...configuration.subarray(-9, -7)]).toEqual([9, 0x21]);
      expect(link.portPath).toMatch(/^\d+-\d+(\.\d+)*$/);
      expect(link.label).toContain(link.portPath);
      await link.close();
    });

    it('returns what arrived, at most as much as requested', async () => {
      const { link } = await openDfu();
      const product = { bmRequestType: 0x80, bRequest: 6, wValue: 0x0302, wIndex: 0x0409 };
      const whole = await link.controlIn(product, 255, soon);
      expect(Buffer.from(whole.subarray(2)).toString('utf16le')).toBe('STM32  BOOTLOADER');
      expect(await link.controlIn(product, 10, soon)).toEqual(whole.subarray(0, 10));
      await link.close();
    });

    it('moves data in both directions', async () => {
      const { link } = await openDfu();
      const block = Uint8Array.from({ length: 2048 }, (_, index) => index % 253);
      await link.controlOut({ ...dnload, wValue: 2 }, block, soon);
      await link.controlIn(getStatus, 6, soon);
      expect((await link.controlIn(getStatus, 6, soon))[4]).toBe(5);
      await link.controlOut({ ...classOut, bRequest: 6, wValue: 0 }, nothing, soon);
      expect(await link.controlIn({ ...classIn, bRequest: 2, wValue: 2 }, 2048, soon)).toEqual(block);
      await link.close();
    });

    it('names a refusal link/stall and works on', async () => {
      const { link } = await openDfu();
      await expect(link.controlOut(clrStatus, nothing, soon)).rejects.toMatchObject({ code: 'link/stall' });
      expect((await link.controlIn(getState, 1, soon))[0]).toBe(10);
      await link.controlOut(clrStatus, nothing, soon);
      expect((await link.controlIn(getState, 1, soon))[0]).toBe(dfuIDLE);
      await link.close();
    });

    it('completes transfers on one endpoint in the order they were requested', async () => {
      const { link } = await openDfu();
      const order: string[] = [];
      await Promise.all([
        link.controlOut(dnload, Uint8Array.of(0x21, 0, 0, 0, 8), soon).then(() => order.push('dnload')),
        link.controlIn(getStatus, 6, soon).then((status) => order.push(`status ${status[4]}`)),
        link.controlIn(getStatus, 6, soon).then((status) => order.push(`status ${status[4]}`)),
        link.controlIn(getState, 1, soon).then((state) => order.push(`state ${state[0]}`)),
      ]);
      expect(order).toEqual(['dnload', 'status 4', 'status 5', 'state 5']);
      await link.close();
    });

    it('takes the bytes of a transfer when it is called', async () => {
      const { link } = await openDfu();
      const command = Uint8Array.of(0x21, 0, 0, 0, 8);
      const sending = link.controlOut(dnload, command, soon);
      command.fill(0xee);
      await sending;
      await link.controlIn(getStatus, 6, soon);
      expect((await link.controlIn(getStatus, 6, soon))[4]).toBe(5);
      await link.close();
    });

    it('rejects with link/timeout while the device works, and works on when it is done', async () => {
      const { link } = await openDfu();
      await startErase(link);
      await expect(link.controlIn(getStatus, 6, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'link/timeout',
      });
      expect((await link.controlIn(getState, 1, soon))[0]).toBeGreaterThan(1);
      await link.close();
    });

    it('ends a transfer by its signal', async () => {
      const { link } = await openDfu();
      await startErase(link);
      const stop = new AbortController();
      const reason = new DOMException('enough', 'AbortError');
      const asking = link.controlIn(getStatus, 6, { timeoutMs: 5000, signal: stop.signal });
      stop.abort(reason);
      await expect(asking).rejects.toBe(reason);
      await expect(link.controlIn(getStatus, 6, { timeoutMs: 5000, signal: stop.signal })).rejects.toBe(
        reason,
      );
      expect((await link.controlIn(getState, 1, soon))[0]).toBeGreaterThan(1);
      await link.close();
    });

    it('sets an alternate setting that is there and refuses one that is not', async () => {
      const { link } = await openDfu();
      await link.setAltSetting(0, 2);
      await link.setAltSetting(0, 0);
      await expect(link.setAltSetting(0, 9)).rejects.toMatchObject({ name: 'CanopusError' });
      expect((await link.controlIn(getState, 1, soon))[0]).toBe(dfuIDLE);
      await link.close();
    });

    it('refuses to claim an interface that is not there', async () => {
      const { link } = await rig.openDfu();
      await expect(link.claimInterface(7)).rejects.toMatchObject({ name: 'CanopusError' });
      await link.close();
    });

    it('rejects everything with link/closed after close', async () => {
      const { link } = await openDfu();
      await link.close();
      await expect(link.controlIn(getState, 1, soon)).rejects.toMatchObject({ code: 'link/closed' });
      await expect(link.controlOut(dnload, connect, soon)).rejects.toMatchObject({ code: 'link/closed' });
      await expect(link.claimInterface(0)).rejects.toMatchObject({ code: 'link/closed' });
      await expect(link.close()).resolves.toBeUndefined();
    });

    it('ends what is pending when it is closed', async () => {
      const { link } = await openDfu();
      await startErase(link);
      const asking = expect(link.controlIn(getStatus, 6, soon)).rejects.toMatchObject({
        code: 'link/closed',
      });
      await link.close();
      await asking;
    });

    it('rejects everything with link/gone after unplug and still closes', async () => {
      const { link, unplug } = await openDfu();
      await startErase(link);
      const asking = expect(link.controlIn(getStatus, 6, { timeoutMs: 30_000 })).rejects.toMatchObject({
        code: 'link/gone',
      });
      await unplug();
      await asking;
      await expect(link.controlIn(getState, 1, soon)).rejects.toMatchObject({ code: 'link/gone' });
      await expect(link.close()).resolves.toBeUndefined();
    });
  });

  describe(`${name} moves bulk data`, () => {
    const openKatapult = async () => {
      const device = await rig.openKatapult();
      await device.link.claimInterface(1);
      return device;
    };

    it('sends and receives', async () => {
      const { link } = await openKatapult();
      await link.bulkOut(0x02, connect, soon);
      const answer = await link.bulkIn(0x81, 64, soon);
      expect([...answer.subarray(0, 5)]).toEqual([0x01, 0x88, 0xa0, 0x0d, 0x11]);
      await link.close();
    });

    it('rejects a read with link/timeout while there is nothing, then reads what comes', async () => {
      const { link } = await openKatapult();
      await expect(link.bulkIn(0x81, 64, { timeoutMs: 60 })).rejects.toMatchObject({ code: 'link/timeout' });
      await link.bulkOut(0x02, unknown, soon);
      expect(await link.bulkIn(0x81, 64, soon)).toEqual(commandError);
      await link.close();
    });

    it('ends a read by its signal and reads what comes later', async () => {
      const { link } = await openKatapult();
      const stop = new AbortController();
      const reason = new DOMException('enough', 'AbortError');
      const reading = link.bulkIn(0x81, 64, { timeoutMs: 10_000, signal: stop.signal });
      stop.abort(reason);
      await expect(reading).rejects.toBe(reason);
      await link.bulkOut(0x02, unknown, soon);
      expect(await link.bulkIn(0x81, 64, soon)).toEqual(commandError);
      await link.close();
    });

    it('completes reads in the order they were requested', async () => {
      const { link } = await openKatapult();
      const order: number[] = [];
      const reads = [1, 2].map((index) =>
        link.bulkIn(0x81, 64, soon).then((answer) => order.push(index * 100 + (answer[2] ?? 0))),
      );
      await link.bulkOut(0x02, unknown, soon);
      await reads[0];
      await link.bulkOut(0x02, connect, soon);
      await Promise.all(reads);
      expect(order).toEqual([100 + 0xf2, 200 + 0xa0]);
      await link.close();
    });

    it('rejects a pending read with link/gone when the cable is pulled', async () => {
      const { link, unplug } = await openKatapult();
      const reading = expect(link.bulkIn(0x81, 64, { timeoutMs: 30_000 })).rejects.toMatchObject({
        code: 'link/gone',
      });
      await unplug();
      await reading;
      await expect(link.bulkOut(0x02, connect, soon)).rejects.toMatchObject({ code: 'link/gone' });
      await link.close();
    });

    it('refuses endpoints of an interface that was not claimed', async () => {
      const { link } = await rig.openKatapult();
      await expect(link.bulkOut(0x02, connect, soon)).rejects.toMatchObject({ name: 'CanopusError' });
      await link.close();
    });
  });
}
