import { describe, expect, it } from 'vitest';
import type { CanopusError, ErrorCode } from '../../../app/errors.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import {
  libusbErrno,
  libusbError,
  libusbNames,
  serialError,
  systemErrorCode,
  type NativeAction,
  type Platform,
} from '../../../main/devices/native-errors.ts';

const platforms: readonly Platform[] = ['linux', 'darwin', 'win32'];
const label = '0483:df11 at 1-4';

function stepAfter({ code, details }: CanopusError, system: Platform): string {
  return nextStep(code, { surface: 'window', system, details });
}

function libusb(errno: number, platform: Platform, action: NativeAction = 'open') {
  return libusbError(errno, { platform, action, label });
}

function serial(code: string, platform: Platform, action: NativeAction = 'open') {
  return serialError(code, { platform, action, label: 'COM7' });
}

describe('errors of libusb', () => {
  const table: readonly [errno: number, action: NativeAction, Record<Platform, ErrorCode>][] = [
    [-3, 'open', { linux: 'link/access', darwin: 'link/access', win32: 'link/no-driver' }],
    [-12, 'open', { linux: 'link/io', darwin: 'link/io', win32: 'link/no-driver' }],
    [-5, 'open', { linux: 'link/gone', darwin: 'link/gone', win32: 'link/no-driver' }],
    [-5, 'claim', { linux: 'link/protocol', darwin: 'link/protocol', win32: 'link/protocol' }],
    [-6, 'claim', { linux: 'link/busy', darwin: 'link/busy', win32: 'link/busy' }],
    [-4, 'transfer', { linux: 'link/gone', darwin: 'link/gone', win32: 'link/gone' }],
    [5, 'transfer', { linux: 'link/gone', darwin: 'link/gone', win32: 'link/gone' }],
    [4, 'transfer', { linux: 'link/stall', darwin: 'link/stall', win32: 'link/stall' }],
    [-9, 'transfer', { linux: 'link/stall', darwin: 'link/stall', win32: 'link/stall' }],
    [2, 'transfer', { linux: 'link/timeout', darwin: 'link/timeout', win32: 'link/timeout' }],
    [3, 'transfer', { linux: 'cancelled', darwin: 'cancelled', win32: 'cancelled' }],
    [6, 'transfer', { linux: 'link/protocol', darwin: 'link/protocol', win32: 'link/protocol' }],
    [1, 'transfer', { linux: 'link/io', darwin: 'link/io', win32: 'link/io' }],
    [-1, 'transfer', { linux: 'link/io', darwin: 'link/io', win32: 'link/io' }],
  ];
  const cases = table.flatMap(([errno, action, codes]) =>
    platforms.map((platform) => ({
      name: libusbNames.get(errno),
      errno,
      action,
      platform,
      code: codes[platform],
    })),
  );

  it.each(cases)('$name at $action on $platform is $code', ({ errno, action, platform, code }) => {
    const error = libusb(errno, platform, action);
    expect(error.code).toBe(code);
    expect(error.message).toContain(label);
    expect(error.details).toMatchObject({ native: libusbNames.get(errno), platform });
  });

  it.each([
    ['0483:df11', 'dfu', /STM32 BOOTLOADER/],
    ['1d50:606f', 'bridge', /1D50 606F/],
  ] as const)('sends %s on Windows to the driver of the device that is really there', (_, device, named) => {
    const error = libusbError(-12, { platform: 'win32', action: 'open', label, device });
    expect(error.details).toMatchObject({ device });
    expect(stepAfter(error, 'win32')).toMatch(/WinUSB/);
    expect(stepAfter(error, 'win32')).toMatch(named);
  });

  it('sends a person whose device is held by another driver to the programs first', () => {
    const error = libusbError(-3, { platform: 'win32', action: 'open', label, device: 'dfu' });
    expect(stepAfter(error, 'win32')).toMatch(/^Close STM32CubeProgrammer/);
  });

  it('names what libusb may learn to say in years to come, too', () => {
    expect(libusb(-77, 'linux')).toMatchObject({ code: 'link/io', details: { native: 'libusb -77' } });
  });
});

describe('errors of serial ports', () => {
  const table: readonly [code: string, action: NativeAction, Record<Platform, ErrorCode>][] = [
    ['EACCES', 'open', { linux: 'link/access', darwin: 'link/access', win32: 'link/busy' }],
    ['EPERM', 'open', { linux: 'link/access', darwin: 'link/access', win32: 'link/busy' }],
    ['EBUSY', 'open', { linux: 'link/busy', darwin: 'link/busy', win32: 'link/busy' }],
    ['ENOENT', 'open', { linux: 'link/gone', darwin: 'link/gone', win32: 'link/gone' }],
    ['ENXIO', 'transfer', { linux: 'link/gone', darwin: 'link/gone', win32: 'link/gone' }],
    ['EIO', 'transfer', { linux: 'link/gone', darwin: 'link/gone', win32: 'link/gone' }],
    ['EIO', 'open', { linux: 'link/io', darwin: 'link/io', win32: 'link/io' }],
    ['EINVAL', 'open', { linux: 'link/io', darwin: 'link/io', win32: 'link/io' }],
  ];
  const cases = table.flatMap(([native, action, codes]) =>
    platforms.map((platform) => ({ native, action, platform, code: codes[platform] })),
  );

  it.each(cases)('$native at $action on $platform is $code', ({ native, action, platform, code }) => {
    expect(serial(native, platform, action)).toMatchObject({
      code,
      details: { native, platform, label: 'COM7' },
    });
  });

  it('send a Linux user to what keeps ModemManager away and to the group of the port', () => {
    expect(stepAfter(serial('EBUSY', 'linux'), 'linux')).toContain('ModemManager');
    expect(stepAfter(serial('EACCES', 'linux'), 'linux')).toContain('dialout');
  });
});

it('reads numbers and codes off errors of other makers, and off nothing else', () => {
  expect(libusbErrno(Object.assign(new Error('LIBUSB_ERROR_ACCESS'), { errno: -3 }))).toBe(-3);
  expect(libusbErrno(new Error('LIBUSB_ERROR_ACCESS'))).toBeNull();
  expect(libusbErrno({ errno: -3 })).toBeNull();
  expect(systemErrorCode(Object.assign(new Error('x'), { code: 'EACCES' }))).toBe('EACCES');
  expect(systemErrorCode(Object.assign(new Error('x'), { code: 13 }))).toBeNull();
});
