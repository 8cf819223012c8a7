import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { guestPrograms } from './build-for-guest.ts';
import { GuestBench } from './guest-bench.ts';
import type { Guest, GuestProcess } from './guest/client.ts';
import { openRemoteDevices, type RemoteDevices } from './remote/remote-devices.ts';
import { guestOfThisRun } from './this-run.ts';

/** A pseudo-terminal in the guest whose other side sends back what it gets. */
const echo = `exec /usr/bin/python3 -c '
import os, tty
ours, theirs = os.openpty()
tty.setraw(ours)
print(os.ttyname(theirs), flush=True)
while True:
    os.write(ours, os.read(ours, 4096))
'`;

describe('a serial port that is a pseudo-terminal', () => {
  let guest: Guest;
  let devices: RemoteDevices;
  let echoing: GuestProcess;
  let tty: string;
  beforeAll(async () => {
    guest = await guestOfThisRun();
    devices = await openRemoteDevices(guest, guestPrograms.deviceServer);
    echoing = guest.start(echo);
    tty = await echoing.line((line) => line.startsWith('/dev/pts/'));
  });
  afterAll(async () => {
    echoing.kill('SIGKILL');
    await devices[Symbol.asyncDispose]();
  });

  it('opens although it has no modem lines', async () => {
    await using link = await devices.openTty(tty);
    await link.write(new Uint8Array([0, 1, 13, 10, 255, 3, 4, 17, 19]));
    const received: number[] = [];
    while (received.length < 9) received.push(...(await link.read({ timeoutMs: 5_000 })));
    expect(received).toEqual([0, 1, 13, 10, 255, 3, 4, 17, 19]);
  });

  it('is locked against a second opening, which is named', async () => {
    await using first = await devices.openTty(tty);
    await expect(devices.openTty(tty)).rejects.toMatchObject({
      code: 'link/busy',
      details: { native: 'EBUSY' },
    });
    await first.write(new Uint8Array([7]));
    expect(await first.read({ timeoutMs: 5_000 })).toEqual(new Uint8Array([7]));
  });

  it('loses no byte to a read that timed out or was aborted', async () => {
    await using link = await devices.openTty(tty);
    await expect(link.read({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'link/timeout' });
    const controller = new AbortController();
    const aborted = link.read({ timeoutMs: 5_000, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toBe(controller.signal.reason);
    await link.write(new Uint8Array([1, 2, 3]));
    const received: number[] = [];
    while (received.length < 3) received.push(...(await link.read({ timeoutMs: 5_000 })));
    expect(received).toEqual([1, 2, 3]);
  });

  it('is named when it is not there', async () => {
    await expect(devices.openTty('/dev/ttyACM99')).rejects.toMatchObject({ code: 'link/gone' });
  });

  it('reports that its other side has gone', async () => {
    await using link = await devices.openTty(tty);
    const pending = link.read({ timeoutMs: 10_000 });
    echoing.kill('SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'link/gone' });
    await expect(link.write(new Uint8Array([1]))).rejects.toMatchObject({ code: 'link/gone' });
  });
});

it('lists nothing where nothing is plugged in', async () => {
  const guest = await guestOfThisRun();
  await using devices = await openRemoteDevices(guest, guestPrograms.deviceServer);
  expect(await devices.list()).toEqual([]);
});

describe('Klipper on USB serial', () => {
  it('is asked for Katapult at 1200 baud', async () => {
    const flash = [
      { address: 0x0800_0000, bytes: makeKatapultImage() },
      { address: 0x0800_8000, bytes: makeKlipperImage({ role: 'none' }) },
    ];
    const uid = '430014000A50534E4E313120';
    const board = { id: 'serial', mcu: 'stm32f446xx', uid, port: '1-1', enumerationMs: 5, flash } as const;
    await using guestBench = await GuestBench.open(await guestOfThisRun(), { boards: [board] }, 0.2);
    await guestBench.present('1-1', 'klipper-serial');
    await guestBench.devices.requestBootloader('1-1');
    expect(await guestBench.present('1-1', 'katapult')).toMatchObject({ serialNumber: uid });
  });
});
