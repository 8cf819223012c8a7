import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { guestPrograms } from './build-for-guest.ts';
import { canopus } from './canopus.ts';
import { GuestBench } from './guest-bench.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { openRemoteDevices, type RemoteDevices } from './remote/remote-devices.ts';
import { guestOfThisRun } from './this-run.ts';

const dfuPort = '1-1';
const katapultPort = '1-2';
const nobodySpecial = 1000;

let guest: Guest;
let guestBench: GuestBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  const katapult = Uint8Array.from(makeKatapultImage());
  await writeFile(path.join(guest.address.shareDir, 'katapult.bin'), katapult);
  guestBench = await GuestBench.open(
    guest,
    {
      boards: [
        { id: 'dfu', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: dfuPort, boot0: true },
        {
          id: 'katapult',
          mcu: 'stm32f446xx',
          uid: '39001B000C51313339373836',
          port: katapultPort,
          flash: [{ address: 0x0800_0000, bytes: katapult }],
        },
      ],
    },
    0.1,
  );
  await guestBench.present(dfuPort, 'dfu');
  await guestBench.present(katapultPort, 'katapult');
});
afterAll(() => guestBench[Symbol.asyncDispose]());

const installKatapult = `install-katapult --port ${dfuPort} --image ${guestShareDir}/katapult.bin`;
const katapultStatus = `katapult-status --port ${katapultPort}`;

describe('a user without rights', () => {
  let theirs: RemoteDevices;
  let serialGroup: number;
  beforeAll(async () => {
    theirs = await openRemoteDevices(guest, guestPrograms.deviceServer, { user: nobodySpecial });
    serialGroup = Number(await guest.must('stat -c %g /dev/ttyACM0'));
  });
  afterAll(() => theirs[Symbol.asyncDispose]());

  it('sees the boards and what is the matter with them', async () => {
    const devices = await theirs.list();
    expect(devices.map(({ portPath, access }) => [portPath, access])).toEqual([
      [dfuPort, { ok: false, code: 'link/access' }],
      [katapultPort, { ok: false, code: 'link/access' }],
    ]);
  });

  it('is named when the USB device is opened', async () => {
    await expect(theirs.openUsb(dfuPort)).rejects.toMatchObject({
      code: 'link/access',
      details: { native: 'LIBUSB_ERROR_ACCESS', platform: 'linux' },
    });
  });

  it('is named when the serial port is opened', async () => {
    await expect(theirs.openSerial(katapultPort)).rejects.toMatchObject({
      code: 'link/access',
      details: { native: 'EACCES', platform: 'linux' },
    });
  });

  it('sees a permission that comes later as a change, and can use the port then', async () => {
    const changes: unknown[] = [];
    const stop = await theirs.watch((event) => {
      if (event.type === 'change') changes.push(event.device.access);
    });
    await guest.must(`chown ${nobodySpecial} /dev/ttyACM0`);
    await expect.poll(() => changes, { timeout: 10_000 }).toEqual([{ ok: true }]);
    stop();
    const link = await theirs.openSerial(katapultPort);
    await link.close();
    await guest.must('chown root /dev/ttyACM0');
  });

  it('reads on the command line what to do', async () => {
    const { exitCode, last } = await canopus(guest, installKatapult, { user: nobodySpecial });
    expect(last).toMatchObject({ type: 'error', code: 'link/access', state: 'untouched' });
    expect(last['next']).toContain('udev rules');
    expect(exitCode).toBe(5);
  });

  it('opens the serial port as a member of its group', async () => {
    const { exitCode, last } = await canopus(guest, katapultStatus, {
      user: nobodySpecial,
      groups: [serialGroup],
    });
    expect(last).toMatchObject({ type: 'report', mcu: 'stm32f446xx' });
    expect(exitCode).toBe(0);
  });
});

describe('a device that another program has', () => {
  it('is named busy on the command line when its interface is claimed', async () => {
    await using other = await guestBench.devices.openUsb(dfuPort);
    await other.claimInterface(0);
    const { last } = await canopus(guest, installKatapult);
    expect(last).toMatchObject({
      type: 'error',
      code: 'link/busy',
      details: { native: 'LIBUSB_ERROR_BUSY', platform: 'linux' },
    });
  });

  it('is named busy when its serial port is locked', async () => {
    await using other = await guestBench.devices.openSerial(katapultPort);
    expect(other.label).toMatch(/^\/dev\/ttyACM/);
    await expect(guestBench.devices.openSerial(katapultPort)).rejects.toMatchObject({
      code: 'link/busy',
      details: { native: 'EBUSY' },
    });
  });

  it('is named busy when this very program has it open', async () => {
    await using other = await guestBench.devices.openUsb(dfuPort);
    await expect(guestBench.devices.openUsb(dfuPort)).rejects.toMatchObject({ code: 'link/busy' });
    expect(other.portPath).toBe(dfuPort);
  });
});

describe('the udev rules', () => {
  const boards = [`/sys/bus/usb/devices/${dfuPort}`, `/sys/bus/usb/devices/${katapultPort}`];
  const devices = [...boards, '/sys/class/tty/ttyACM0'];
  beforeAll(() =>
    guest.must(
      'mkdir -p /etc/udev/rules.d && cp /srv/canopus/resources/udev/70-canopus.rules /etc/udev/rules.d/ && ' +
        `udevadm control --reload && udevadm trigger --settle --action=add ${devices.join(' ')} /sys/class/tty/tty0`,
    ),
  );
  afterAll(() => guest.must('rm /etc/udev/rules.d/70-canopus.rules && udevadm control --reload'));

  it('mark boards and their serial ports for the person at the seat, and off limits for ModemManager', async () => {
    for (const device of devices) {
      const info = await guest.must(`udevadm info ${device}`);
      expect(info).toContain('ID_MM_DEVICE_IGNORE=1');
      expect(info).toMatch(/TAGS=.*:uaccess:/);
    }
    expect(await guest.must('udevadm info /sys/class/tty/tty0')).not.toContain('ID_MM_DEVICE_IGNORE');
  });

  it('give the boards, and nothing else, to the group plugdev, whose members open them', async () => {
    for (const board of boards) {
      expect(await guest.must(`stat -c '%a %G' "/dev/$(udevadm info -q name ${board})"`)).toBe(
        '664 plugdev\n',
      );
    }
    expect(await guest.must('stat -c %G /dev/ttyACM0')).not.toBe('plugdev\n');
    const plugdev = Number(await guest.must('getent group plugdev | cut -d: -f3'));
    const [outsider, member] = [{ user: nobodySpecial }, { user: nobodySpecial, groups: [plugdev] }];
    await using theirs = await openRemoteDevices(guest, guestPrograms.deviceServer, outsider);
    await expect(theirs.openUsb(dfuPort)).rejects.toMatchObject({ code: 'link/access' });
    await using ours = await openRemoteDevices(guest, guestPrograms.deviceServer, member);
    expect((await ours.list()).find(({ portPath }) => portPath === dfuPort)?.access).toEqual({ ok: true });
    await using link = await ours.openUsb(dfuPort);
    expect(link.portPath).toBe(dfuPort);
  });
});
