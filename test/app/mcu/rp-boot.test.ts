import { describe, expect, it } from 'vitest';
import { bootChecksum, whyNotStarted } from '../../../app/mcu/rp-boot.ts';
import { startableBytes } from '../../fixtures/rp-images.ts';

describe('what a boot ROM starts', () => {
  it('has the checksum of the datasheet: CRC-32/MPEG-2', () => {
    // The check value of that algorithm in Greg Cook's catalogue of CRCs.
    expect(bootChecksum(new TextEncoder().encode('123456789'))).toBe(0x0376e6e7);
  });

  it.each(['rp2040', 'rp2350'] as const)('is an image for an %s', (mcu) => {
    expect(whyNotStarted(startableBytes(mcu, 8000), mcu)).toBe(null);
  });

  it.each([
    ['a changed byte in its second stage', 'rp2040', (bytes: Uint8Array) => bytes.with(9, 0), /checksum/],
    [
      'no vector table behind it',
      'rp2040',
      (bytes: Uint8Array) => bytes.with(260, 0),
      /no vector table at 0x10000100/,
    ],
    ['nothing behind it', 'rp2040', (bytes: Uint8Array) => bytes.subarray(0, 256), /shorter than/],
    ['no image definition', 'rp2350', (bytes: Uint8Array) => bytes.with(256, 0), /no image definition/],
    ['one of another kind', 'rp2350', (bytes: Uint8Array) => bytes.with(262, 0), /not one of an RP2350/],
    ['no vector table', 'rp2350', (bytes: Uint8Array) => bytes.with(7, 0), /no vector table at 0x10000000/],
  ] as const)('is not an image with %s', (_, mcu, damage, why) => {
    expect(whyNotStarted(damage(startableBytes(mcu, 8000)), mcu)).toMatch(why);
  });

  it('is not an image for the other chip', () => {
    expect(whyNotStarted(startableBytes('rp2350', 8000), 'rp2040')).not.toBe(null);
    expect(whyNotStarted(startableBytes('rp2040', 8000), 'rp2350')).not.toBe(null);
  });
});
