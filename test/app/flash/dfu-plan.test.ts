import { describe, expect, it } from 'vitest';
import { planInstall } from '../../../app/flash/dfu-plan.ts';
import { parseMemoryLayout } from '../../../app/protocols/dfuse/memory-layout.ts';

const f446 = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg';

function plan(length: number, applicationAddress = 0x08008000, text = f446, isProgrammedOnce = false) {
  const layout = parseMemoryLayout(text);
  if (!layout) throw new Error(`cannot be read: ${text}`);
  const image = new Uint8Array(length).fill(0x5a);
  return planInstall({ layout, transferSize: 2048, image, applicationAddress, isProgrammedOnce });
}

describe('the plan of an install', () => {
  it('erases what the image needs and the first sector of the application, nothing in between', () => {
    const { imageSectors, applicationSector } = plan(5148);
    expect(imageSectors).toEqual([{ address: 0x08000000, size: 0x4000 }]);
    expect(applicationSector).toEqual({ address: 0x08008000, size: 0x4000 });
    expect(plan(0x4001).imageSectors).toHaveLength(2);
    expect(plan(5148, 0x08004000).applicationSector.address).toBe(0x08004000);
    expect(plan(5148, 0x08010000).applicationSector).toEqual({ address: 0x08010000, size: 0x10000 });
  });

  it('begins with the sector of the reset vector', () => {
    expect(plan(0x8000).imageSectors.map(({ address }) => address)).toEqual([0x08000000, 0x08004000]);
  });

  it('leaves the boot words out of the body and keeps them for the end', () => {
    const { body, bootPart, expected } = plan(100);
    expect([...bootPart]).toEqual(new Array(8).fill(0x5a));
    expect(body.subarray(0, 8).every((byte) => byte === 0xff)).toBe(true);
    expect(body.subarray(8, 100).every((byte) => byte === 0x5a)).toBe(true);
    expect(expected.subarray(0, 100).every((byte) => byte === 0x5a)).toBe(true);
  });

  it('keeps the whole first transfer for the end where flash takes data only once', () => {
    const text = '@Internal Flash   /0x08000000/64*02Kg';
    const { body, bootPart, expected } = plan(5000, 0x08002000, text, true);
    expect(bootPart).toEqual(expected.subarray(0, 2048));
    expect(body.subarray(0, 2048).every((byte) => byte === 0xff)).toBe(true);
    expect(body.subarray(2048)).toEqual(expected.subarray(2048));
  });

  it('pads to whole transfers with erased bytes', () => {
    const { body, expected } = plan(2049);
    expect(body).toHaveLength(4096);
    expect(expected.subarray(2049).every((byte) => byte === 0xff)).toBe(true);
    expect(plan(4096).body).toHaveLength(4096);
  });

  it('pads no further than the sectors that it erases', () => {
    const small = '@Internal Flash  /0x08000000/04*001Kg,04*016Kg';
    expect(plan(900, 0x08001000, small).body).toHaveLength(1024);
  });

  it.each([
    ['an image beyond the application', 0x8001, 0x08008000, 'image/does-not-fit'],
    ['an image that shares a sector with the application', 0x4001, 0x08004000, 'image/does-not-fit'],
    ['an image beyond the flash', 0x80001, 0x08080000, 'image/does-not-fit'],
    ['an application beyond the flash', 5148, 0x08080000, 'image/does-not-fit'],
    ['an application below the flash', 5148, 0x07ffc000, 'image/does-not-fit'],
    ['an application in the image', 5148, 0x08000000, 'image/does-not-fit'],
    ['an application that begins no sector', 5148, 0x08008200, 'image/wrong-address'],
    ['less than a vector table', 7, 0x08008000, 'image/truncated'],
  ])('refuses %s', (_, length, applicationAddress, code) => {
    expect(() => plan(length, applicationAddress)).toThrow(
      expect.objectContaining({ code, state: 'untouched' }),
    );
  });

  it('refuses an image that reaches into memory that cannot be erased', () => {
    const text = '@Internal Flash  /0x08000000/01*016Kg,03*016Ka,01*064Kg';
    expect(() => plan(0x4001, 0x0800c000, text)).toThrow(
      expect.objectContaining({ code: 'image/does-not-fit' }),
    );
  });
});
