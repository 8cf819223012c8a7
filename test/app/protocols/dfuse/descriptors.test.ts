import { describe, expect, it } from 'vitest';
import { findDfuInterfaces } from '../../../../app/protocols/dfuse/descriptors.ts';
import { mutations } from './mutate.ts';

const configuration = [9, 2, 54, 0, 1, 1, 0, 0xc0, 0x32];
const functional = [9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01];

function alternate(number: number, interfaceNumber = 0, protocol = 2): number[] {
  return [9, 4, interfaceNumber, number, 0, 0xfe, 1, protocol, 4 + number];
}

/** As an STM32F4 sends it: 54 bytes, four alternate settings, then the functional descriptor. */
const rom = Uint8Array.from([
  ...configuration,
  ...alternate(0),
  ...alternate(1),
  ...alternate(2),
  ...alternate(3),
  ...functional,
]);

describe('the DFU interface in a configuration', () => {
  it('is found with its alternate settings and its functional descriptor', () => {
    const found = findDfuInterfaces(rom);
    expect(found.alternates.map(({ alternateSetting }) => alternateSetting)).toEqual([0, 1, 2, 3]);
    expect(found.alternates[1]).toEqual({ interfaceNumber: 0, alternateSetting: 1, iInterface: 5 });
    expect(found.transferSize).toBe(2048);
    expect(found.functional).toEqual({
      bitCanDnload: true,
      bitCanUpload: true,
      bitManifestationTolerant: false,
      bitWillDetach: true,
      wDetachTimeOutMs: 255,
      wTransferSize: 2048,
      bcdDFUVersion: 0x011a,
    });
  });

  it('has a transfer size of 2048 where the functional descriptor is missing, too short, or says 0', () => {
    const bare = [...configuration, ...alternate(0)];
    for (const tail of [
      [],
      [5, 0x21, 0x0b, 0xff, 0],
      [9, 0x21, 0x0b, 0xff, 0, 0, 0, 0x1a, 1],
      functional.slice(0, 8),
    ]) {
      expect(findDfuInterfaces(Uint8Array.from([...bare, ...tail])).transferSize).toBe(2048);
    }
  });

  it('reads a functional descriptor of DFU 1.0, which has no version', () => {
    const old = [7, 0x21, 0x03, 0xff, 0x00, 0x00, 0x04];
    const found = findDfuInterfaces(Uint8Array.from([...configuration, ...alternate(0), ...old]));
    expect(found.functional).toMatchObject({ wTransferSize: 1024, bcdDFUVersion: null });
  });

  it('is not an interface in run-time mode, nor one of another class with its own descriptor 0x21', () => {
    const hid = [9, 4, 0, 0, 1, 3, 0, 0, 0, 9, 0x21, 0x11, 0x01, 0x00, 0x01, 0x22, 0x34, 0x00];
    const found = findDfuInterfaces(Uint8Array.from([...configuration, ...hid, ...alternate(0, 1, 1)]));
    expect(found).toEqual({ alternates: [], functional: null, transferSize: 2048 });
  });

  it('is the first one where there are two, found behind other interfaces', () => {
    const cdc = [9, 4, 0, 0, 1, 2, 2, 1, 0, 5, 0x24, 0x00, 0x10, 0x01, 7, 5, 0x82, 3, 8, 0, 16];
    const blob = [...configuration, ...cdc, ...alternate(0, 2), ...functional, ...alternate(0, 5)];
    const found = findDfuInterfaces(Uint8Array.from(blob));
    expect(found.alternates).toEqual([{ interfaceNumber: 2, alternateSetting: 0, iInterface: 4 }]);
  });

  it('is read as far as a damaged blob goes', () => {
    const cut = findDfuInterfaces(rom.subarray(0, 30));
    expect(cut.alternates).toHaveLength(2);
    expect(findDfuInterfaces(Uint8Array.from([0, 0, 0, 0])).alternates).toEqual([]);
    expect(findDfuInterfaces(new Uint8Array(0)).alternates).toEqual([]);
  });

  it('is found or not in random and damaged blobs', () => {
    let outOfBounds = 0;
    for (const bytes of mutations([rom], 2)) {
      const { alternates, transferSize } = findDfuInterfaces(bytes);
      if (transferSize < 1 || transferSize > 0xffff || alternates.length > bytes.length / 9) outOfBounds++;
    }
    expect(outOfBounds).toBe(0);
  });
});
