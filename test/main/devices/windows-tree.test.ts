import { describe, expect, it } from 'vitest';
import { driverOf, opensThroughLibusb } from '../../../app/boards/device-driver.ts';
import { boundTo } from '../../../main/devices/windows/no-driver.ts';
import { PnpPlaces, type ListedDevice } from '../../../main/devices/windows/place-devices.ts';
import { pnpScript } from '../../../main/devices/windows/pnp-script.ts';
import { parseLocationPath, parsePnpLine, type PnpList } from '../../../main/devices/windows/pnp-tree.ts';

/** In the form that ConvertTo-Json gives, with values as Windows has them. */
const recorded = {
  at: 1_767_225_600_000,
  devices: [
    {
      ...{
        id: 'USB\\VID_1D50&PID_606F\\430014000A50534E4E313120',
        service: null,
        problem: 28,
        provider: null,
      },
      classes: [
        'USB\\COMPAT_VID_1d50&Class_ff&SubClass_ff&Prot_ff',
        'USB\\Class_ff&SubClass_ff&Prot_ff',
        'USB\\Class_ff',
      ],
      ...{ product: 'stm32f446xx', parent: 'USB\\ROOT_HUB30\\4&1CF5E7A5&0&0' },
      paths: [
        'PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)',
        'ACPI(_SB_)#ACPI(PC00)#ACPI(XHCI)#ACPI(RHUB)#ACPI(HS04)',
      ],
    },
    {
      ...{ id: 'USB\\VID_0483&PID_DF11\\STM32FXSTM32', service: 'STTub30', problem: 0 },
      ...{
        provider: 'STMicroelectronics',
        product: 'STM32  BOOTLOADER',
        parent: 'USB\\VID_05E3&PID_0610\\5&2',
      },
      paths: ['PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(2)#USB(3)'],
    },
    {
      ...{
        id: 'USB\\VID_046D&PID_C077\\5&2A4B3C1&0&7',
        service: 'HidUsb',
        problem: 0,
        provider: 'Microsoft',
      },
      ...{ product: 'USB Optical Mouse', parent: null },
      paths: [null],
    },
    {
      ...{ id: 'USB\\ROOT_HUB30\\4&1CF5E7A5&0&0', service: 'USBHUB3', problem: 0, provider: 'Microsoft' },
      ...{ product: null, parent: 'PCI\\VEN_8086&DEV_A36D&SUBSYS_86941043&REV_10\\3&11583659&0&A0' },
      paths: ['PCIROOT(0)#PCI(1400)#USBROOT(0)', 'ACPI(_SB_)#ACPI(PC00)#ACPI(XHCI)#ACPI(RHUB)'],
    },
  ],
};

describe("a line of Windows' device list", () => {
  const list = parsePnpLine(JSON.stringify(recorded));

  it('lists serial number, product, driver and place of each USB device', () => {
    expect(list?.devices).toEqual([
      {
        ...{
          instanceId: 'USB\\VID_1D50&PID_606F\\430014000A50534E4E313120',
          vendorId: 0x1d50,
          productId: 0x606f,
        },
        ...{ serialNumber: '430014000A50534E4E313120', product: 'stm32f446xx', problem: 28 },
        interfaces: ['ff/ff/ff'],
        driver: { kind: 'none', service: null, provider: null },
        place: { root: 'PCIROOT(0)#PCI(1400)#USBROOT(0)', ports: [4] },
      },
      {
        ...{ instanceId: 'USB\\VID_0483&PID_DF11\\STM32FXSTM32', vendorId: 0x0483, productId: 0xdf11 },
        ...{ serialNumber: 'STM32FXSTM32', product: 'STM32  BOOTLOADER', problem: 0 },
        interfaces: null,
        driver: { kind: 'st', service: 'STTub30', provider: 'STMicroelectronics' },
        place: { root: 'PCIROOT(0)#PCI(1400)#USBROOT(0)', ports: [2, 3] },
      },
      expect.objectContaining({ vendorId: 0x046d, serialNumber: null, place: null }),
    ]);
  });

  it('shows which controller each root hub belongs to', () => {
    expect(list?.roots).toEqual([
      { root: 'PCIROOT(0)#PCI(1400)#USBROOT(0)', vendorId: 0x8086, productId: 0xa36d },
    ]);
  });

  it('is none where it is something else', () => {
    for (const line of ['', 'WARNING: x', '{}', '{"at":1,"devices":[{"id":7}]}', '[]', 'null'])
      expect(parsePnpLine(line)).toBeNull();
    expect(parsePnpLine('{"at":1,"devices":[{"id":"USB\\\\nonsense"}]}')).toEqual({
      ...{ devices: [], roots: [], readAtMs: 1 },
    });
  });
});

it('reads places of USB ports only', () => {
  expect(parseLocationPath('PCIROOT(0)#PCI(0801)#PCI(0003)#USBROOT(0)#USB(1)#USB(12)')).toEqual({
    ...{ root: 'PCIROOT(0)#PCI(0801)#PCI(0003)#USBROOT(0)', ports: [1, 12] },
  });
  for (const path of ['', 'PCIROOT(0)#PCI(1400)#USBROOT(0)', 'ACPI(_SB_)#ACPI(HS04)', '#USB(4)'])
    expect(parseLocationPath(path)).toBeNull();
});

it('hands PowerShell a script without a double quote, which no command line can take apart', () => {
  expect(pnpScript(4711)).not.toContain('"');
  expect(pnpScript(4711)).toContain('Get-Process -Id 4711');
  expect(pnpScript(1)).toContain(String.raw`'PNPDeviceID LIKE ''USB\\VID_%''`);
});

describe('the driver of a device on Windows', () => {
  it.each([
    ['WINUSB', 'winusb', true],
    ['libusbK', 'libusbk', true],
    ['libusb0', 'libusb0', true],
    ['STTub30', 'st', false],
    ['STTub203', 'st', false],
    ['usbser', 'serial', false],
    ['usbccgp', 'other', false],
    [null, 'none', false],
  ])('%s is %s', (service, kind, opens) => {
    const driver = driverOf(service, null);
    expect(driver.kind).toBe(kind);
    expect(opensThroughLibusb(driver)).toBe(opens);
  });

  it('is named in words', () => {
    expect(boundTo(driverOf('STTub30', 'STMicroelectronics'))).toContain("ST's own driver (STTub30)");
    expect(boundTo(driverOf('GuilDfu', 'Guillemot Corporation'))).toContain(
      'Guillemot Corporation (GuilDfu)',
    );
    expect(boundTo(driverOf(null, null))).toContain('no driver');
  });
});

describe('the same place for libusb and for Windows', () => {
  const bridge = { vendorId: 0x1d50, productId: 0x606f };
  const mouse = { vendorId: 0x046d, productId: 0xc077 };
  const hub = (busNumber: number, productId: number): ListedDevice => ({
    ...{ portPath: `${busNumber}-0`, busNumber, vendorId: 0x1022, productId },
  });
  const listOf = (
    roots: readonly (readonly [string, number])[],
    devices: readonly (readonly [string, readonly number[], typeof mouse])[],
  ): PnpList => ({
    readAtMs: 0,
    roots: roots.map(([root, productId]) => ({ root, vendorId: 0x1022, productId })),
    devices: devices.map(([root, ports, ids]) => ({
      ...{
        instanceId: '',
        serialNumber: null,
        product: null,
        problem: 0,
        interfaces: null,
        driver: driverOf(null, null),
      },
      ...ids,
      place: { root, ports },
    })),
  });

  it('is matched by the ids of the controllers', () => {
    const list = listOf(
      [
        ['B', 2],
        ['A', 1],
      ],
      [['A', [4], bridge]],
    );
    expect([...new PnpPlaces().place([hub(1, 2), hub(2, 1)], list).keys()]).toEqual(['2-4']);
  });

  it('is matched by a device that both list, for two identical controllers, and the other by what is left', () => {
    const list = listOf(
      [
        ['A', 1],
        ['B', 1],
      ],
      [
        ['A', [4], bridge],
        ['B', [1, 2], mouse],
      ],
    );
    const listed = [hub(1, 1), hub(2, 1), { portPath: '1-1.2', busNumber: 1, ...mouse } as const];
    expect([...new PnpPlaces().place(listed, list).keys()]).toEqual(['2-4', '1-1.2']);
  });

  it('is a separate bus if nothing identifies it, and keeps its match once found', () => {
    const twins = listOf(
      [
        ['A', 1],
        ['B', 1],
      ],
      [['A', [4], bridge]],
    );
    const places = new PnpPlaces();
    expect([...places.place([hub(1, 1), hub(2, 1)], twins).keys()]).toEqual(['200-4']);
    const katapult = { portPath: '2-4', busNumber: 2, vendorId: 0x1d50, productId: 0x6177 } as const;
    const seen = listOf(
      [
        ['A', 1],
        ['B', 1],
      ],
      [['A', [4], { vendorId: 0x1d50, productId: 0x6177 }]],
    );
    expect([...places.place([hub(1, 1), hub(2, 1), katapult], seen).keys()]).toEqual(['2-4']);
    expect([...places.place([hub(1, 1), hub(2, 1)], twins).keys()]).toEqual(['2-4']);
  });
});
