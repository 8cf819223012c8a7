import { describe, expect, it } from 'vitest';
import {
  boardMode,
  chipUid,
  deviceMcu,
  dfuSerialFits,
  knownUid,
  type UsbIdentity,
} from '../../../app/boards/board-mode.ts';

const uid = '430014000A50534E4E313120';

function device(vendorId: number, productId: number, rest: Partial<UsbIdentity> = {}): UsbIdentity {
  return {
    vendorId,
    productId,
    manufacturer: null,
    product: null,
    serialNumber: null,
    interfaces: null,
    ...rest,
  };
}

describe('boardMode', () => {
  it('knows the modes of a board by its USB ids', () => {
    expect(boardMode(device(0x0483, 0xdf11))).toBe('dfu');
    expect(boardMode(device(0x1d50, 0x6177))).toBe('katapult');
    expect(boardMode(device(0x1d50, 0x614e))).toBe('klipper-serial');
    expect(boardMode(device(0x046d, 0xc077))).toBe('unknown');
  });

  it('knows the boot ROMs of RP2040 and RP2350, and which of them reports its chip', () => {
    const rp2040 = device(0x2e8a, 0x0003, { product: 'RP2 Boot', serialNumber: 'E0C9125B0D9B' });
    const rp2350 = device(0x2e8a, 0x000f, { product: 'RP2350 Boot', serialNumber: '5A3A2D1C0B0A0908' });
    expect([boardMode(rp2040), deviceMcu(rp2040), chipUid(rp2040)]).toEqual(['bootsel', 'rp2040', null]);
    expect([boardMode(rp2350), deviceMcu(rp2350), chipUid(rp2350)]).toEqual([
      ...['bootsel', 'rp2350', '5A3A2D1C0B0A0908'],
    ]);
    // A serial number as long as a UID would not make it one, either.
    expect(chipUid({ ...rp2040, serialNumber: '0123456789ABCDEF' })).toBe(null);
  });

  it('takes a gs_usb adapter for a bridge only where Klipper made it', () => {
    expect(boardMode(device(0x1d50, 0x606f, { manufacturer: 'Klipper', product: 'stm32f446xx' }))).toBe(
      'can-bridge',
    );
    expect(
      boardMode(
        device(0x1d50, 0x606f, { manufacturer: 'bytewerk', product: 'candleLight USB to CAN adapter' }),
      ),
    ).toBe('unknown');
    expect(boardMode(device(0x1d50, 0x606f, { manufacturer: 'bytewerk', product: 'stm32f446xx' }))).toBe(
      'unknown',
    );
  });

  it('goes by the product where the manufacturer cannot be read', () => {
    expect(boardMode(device(0x1d50, 0x606f, { product: 'stm32f407xx' }))).toBe('can-bridge');
    expect(boardMode(device(0x1d50, 0x606f, { product: 'canable gs_usb' }))).toBe('unknown');
  });
});

describe('boardMode of a bridge whose strings are not those of Klipper', () => {
  const bridge = (rest: Partial<UsbIdentity>): UsbIdentity => device(0x1d50, 0x606f, rest);

  it.each([
    ['Kalico', 'stm32f446xx'],
    ['Kalico', 'octopus'],
    ['kalico', 'octopus'],
    ['RatRig', 'stm32f446xx'],
  ])('knows it by what was set by hand: %s, %s', (manufacturer, product) => {
    expect(boardMode(bridge({ manufacturer, product, serialNumber: 'btt-octopus-11' }))).toBe('can-bridge');
  });

  it('goes by its one interface where manufacturer and product say nothing', () => {
    const named = { manufacturer: 'RatRig', product: 'octopus', serialNumber: '12345' };
    expect(boardMode(bridge({ ...named, interfaces: ['ff/ff/ff'] }))).toBe('can-bridge');
    expect(boardMode(bridge({ ...named, interfaces: ['ff/ff/ff', 'fe/01/01'] }))).toBe('unknown');
    expect(boardMode(bridge(named))).toBe('unknown');
  });

  it('takes an unreadable one for a bridge, and never an adapter with a second interface', () => {
    expect(boardMode(bridge({}))).toBe('can-bridge');
    expect(boardMode(bridge({ interfaces: ['ff/ff/ff'] }))).toBe('can-bridge');
    expect(boardMode(bridge({ interfaces: ['ff/ff/ff', 'fe/01/01'] }))).toBe('unknown');
    expect(chipUid(bridge({}))).toBeNull();
  });

  it('has an identity only where the serial number is a UID', () => {
    const kalico = bridge({ manufacturer: 'Kalico', product: 'octopus' });
    expect(chipUid({ ...kalico, serialNumber: uid })).toBe(uid);
    expect(chipUid({ ...kalico, serialNumber: '12345' })).toBeNull();
    expect(deviceMcu(kalico)).toBeNull();
  });
});

describe('chipUid', () => {
  it('is the serial number in Katapult and Klipper', () => {
    for (const productId of [0x6177, 0x614e]) {
      expect(chipUid(device(0x1d50, productId, { serialNumber: uid.toLowerCase() }))).toBe(uid);
    }
  });

  it('is never taken from a board in DFU, nor from other devices', () => {
    expect(chipUid(device(0x0483, 0xdf11, { serialNumber: uid }))).toBeNull();
    expect(chipUid(device(0x1d50, 0x606f, { manufacturer: 'bytewerk', serialNumber: uid }))).toBeNull();
  });

  it('is null for a serial number that is no chip id', () => {
    for (const serialNumber of [
      '12345',
      `${uid}0`,
      'G30014000A50534E4E313120',
      'F'.repeat(24),
      '0'.repeat(24),
      null,
    ]) {
      expect(chipUid(device(0x1d50, 0x6177, { serialNumber }))).toBeNull();
    }
    expect(knownUid('')).toBeNull();
  });
});

describe('deviceMcu', () => {
  it('is what the firmware calls its product', () => {
    expect(deviceMcu(device(0x1d50, 0x6177, { product: 'stm32f446xx' }))).toBe('stm32f446xx');
    expect(deviceMcu(device(0x1d50, 0x614e, { product: 'My printer' }))).toBeNull();
    expect(deviceMcu(device(0x0483, 0xdf11, { product: 'STM32  BOOTLOADER' }))).toBeNull();
  });
});

describe('dfuSerialFits', () => {
  // Word 0 0x00140043 + word 2 0x2031314e = 0x20453191; word 1 0x4e53500a, upper half 4e53.
  it('compares the twelve digits that F405 and F407 report with the UID', () => {
    expect(dfuSerialFits('204531914E53', uid)).toBe(true);
    expect(dfuSerialFits('204531914E54', uid)).toBe(false);
  });

  it('says nothing for the constant of F446 parts', () => {
    expect(dfuSerialFits('STM32FxSTM32', uid)).toBeNull();
    expect(dfuSerialFits(null, uid)).toBeNull();
  });

  it.each(['FFFFFFFEFFFF', 'fffffffeffff', '200364500000'])(
    'says nothing for %s, which every F0 or every H743 shows',
    (serial) => {
      expect(dfuSerialFits(serial, uid)).toBeNull();
    },
  );
});
