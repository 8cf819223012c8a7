import { describe, expect, it } from 'vitest';
import { decodeStringDescriptor } from '../../../../app/protocols/dfuse/string-descriptor.ts';
import { recorded } from './dfu-util.ts';
import { mutations } from './mutate.ts';

function descriptorOf(text: string, bLength = 2 + 2 * text.length): Uint8Array {
  return Uint8Array.from([bLength, 3, ...Array.from(text).flatMap((c) => [c.charCodeAt(0), 0])]);
}

describe('a string descriptor', () => {
  it('is UTF-16, lowest byte first', () => {
    expect(decodeStringDescriptor(Uint8Array.of(8, 3, 0x53, 0, 0xb5, 0x03, 0x21, 0))).toBe('Sε!');
    expect(decodeStringDescriptor(Uint8Array.of(2, 3))).toBe('');
  });

  it('is what dfu-util was sent for the internal flash', () => {
    const answer = recorded('download')[1]?.data ?? new Uint8Array(0);
    expect(decodeStringDescriptor(answer)).toBe('@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg');
  });

  it('ends where the bytes end, whatever bLength says: the F429 ROM says 166 and sends 112', () => {
    const text = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg';
    const broken = descriptorOf(text, 166);
    expect(broken).toHaveLength(112);
    expect(decodeStringDescriptor(broken)).toBe(text);
  });

  it('ends where bLength says when more bytes arrived', () => {
    expect(decodeStringDescriptor(descriptorOf('ab??', 6))).toBe('ab');
  });

  it('is nothing where the type is another or bytes are missing', () => {
    for (const bytes of [[], [4], [4, 2, 0x41, 0]]) {
      expect(decodeStringDescriptor(Uint8Array.from(bytes))).toBe(null);
    }
    expect(decodeStringDescriptor(Uint8Array.of(9, 3, 0x41))).toBe('');
  });

  it('is decoded or refused in random and damaged forms', () => {
    const seeds = [descriptorOf('STM32  BOOTLOADER'), Uint8Array.of(4, 3, 9, 4)];
    let tooLong = 0;
    for (const bytes of mutations(seeds, 3)) {
      if ((decodeStringDescriptor(bytes)?.length ?? 0) > bytes.length / 2) tooLong++;
    }
    expect(tooLong).toBe(0);
  });
});
