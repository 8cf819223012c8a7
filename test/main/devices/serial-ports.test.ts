import type { PortPath } from '../../../app/place.ts';
import { describe, expect, it } from 'vitest';
import { darwinPortPath, portOfDevice, type SerialPortInfo } from '../../../main/devices/serial-ports.ts';

const katapult = { vendorId: 0x1d50, productId: 0x6177 } as const;

function port(path: string, more: Partial<SerialPortInfo> = {}): SerialPortInfo {
  return { path, vendorId: '1d50', productId: '6177', ...more };
}

/** The port of a Katapult among others of its kind, by their places. */
function find(
  owner: { readonly portPath: PortPath; readonly serialNumber?: string },
  ports: readonly SerialPortInfo[],
  platform: 'win32' | 'darwin',
  rivals: readonly PortPath[] = [],
): SerialPortInfo | null {
  const owners = [owner.portPath, ...rivals].map((portPath) => ({ ...katapult, portPath }));
  return portOfDevice({ ...katapult, ...owner }, owners, ports, platform);
}

describe('the serial port of a USB device on macOS', () => {
  it('is the one at the same place', () => {
    const ports = [
      port('/dev/cu.usbmodem1', { locationId: '14200000' }),
      port('/dev/cu.usbmodem2', { locationId: '14230000' }),
    ];
    expect(find({ portPath: '20-2.3' }, ports, 'darwin')?.path).toBe('/dev/cu.usbmodem2');
    expect(find({ portPath: '20-4' }, ports, 'darwin')).toBeNull();
  });

  it('reads the place from the locationID, with and without leading zeros', () => {
    expect(darwinPortPath('02100000')).toBe('2-1');
    expect(darwinPortPath('2100000')).toBe('2-1');
    expect(darwinPortPath('14200000')).toBe('20-2');
    expect(darwinPortPath('14000000')).toBeNull();
    expect(darwinPortPath('nonsense')).toBeNull();
    expect(darwinPortPath(undefined)).toBeNull();
  });
});

describe('the serial port of a USB device on Windows', () => {
  it('is the only one of its kind', () => {
    const ports = [port('COM3', { productId: '614e' }), port('COM7')];
    expect(find({ portPath: '1-4' }, ports, 'win32')?.path).toBe('COM7');
  });

  it('is distinguished from others by serial number', () => {
    const ports = [port('COM3', { serialNumber: 'A' }), port('COM7', { serialNumber: 'B' })];
    expect(find({ portPath: '1-4', serialNumber: 'B' }, ports, 'win32')?.path).toBe('COM7');
  });

  it('is distinguished from others by the last port if the serial number is unknown', () => {
    const ports = [
      port('COM3', { locationId: 'Port_#0002.Hub_#0001' }),
      port('COM7', { locationId: 'Port_#0004.Hub_#0001' }),
    ];
    expect(find({ portPath: '1-1.4' }, ports, 'win32')?.path).toBe('COM7');
    expect(find({ portPath: '1-14' }, ports, 'win32')).toBeNull();
  });

  it('stays unknown while it may be that of another board in the same port of another hub', () => {
    const ports = [port('COM3', { locationId: 'Port_#0004.Hub_#0001', serialNumber: 'A' })];
    expect(find({ portPath: '1-1.4' }, ports, 'win32', ['1-2.4'])).toBeNull();
    expect(find({ portPath: '1-1.4', serialNumber: 'A' }, ports, 'win32', ['1-2.4'])?.path).toBe('COM3');
    expect(find({ portPath: '1-1.4' }, ports, 'win32', ['1-2.3'])?.path).toBe('COM3');
  });

  it('stays unknown rather than guessed', () => {
    const ports = [
      port('COM3', { locationId: 'Port_#0004.Hub_#0001' }),
      port('COM7', { locationId: 'Port_#0004.Hub_#0002' }),
    ];
    expect(find({ portPath: '1-4' }, ports, 'win32')).toBeNull();
  });
});
