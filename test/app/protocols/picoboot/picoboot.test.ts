import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCommand,
  encodeCommand,
  exclusiveAccess,
  exitXip,
  flashErase,
  isIn,
  nameOfCommand,
  read,
  reboot,
  reboot2,
  write,
  type PicobootRequest,
} from '../../../../app/protocols/picoboot/command.ts';
import { findPicoboot } from '../../../../app/protocols/picoboot/interface.ts';
import {
  decodeStatus,
  encodeStatus,
  resetSetup,
  statusSetup,
} from '../../../../app/protocols/picoboot/status.ts';
import { chipInfo, decodeChipInfo, encodeChipInfo } from '../../../../app/protocols/picoboot/system-info.ts';
import { isCanopusError } from '../../../../app/errors.ts';
import { mutations } from '../dfuse/mutate.ts';
import { bootRomConfiguration, fromHex, picobootVectors, toHex } from './vectors.ts';

describe('a PICOBOOT command', () => {
  const requests: Readonly<Record<string, PicobootRequest>> = {
    exclusive: exclusiveAccess(1),
    exitXip,
    erase: flashErase(0x10004000, 0x2000),
    write: write(0x10004000, 0x1000),
    read: read(0x10800000, 0x200),
    reboot: reboot(500),
    reboot2: reboot2(500),
    chipInfo: chipInfo(),
  };

  it.each(Object.entries(requests))('%s has the bytes of the reference', (name, request) => {
    const hex = picobootVectors[name as keyof typeof picobootVectors];
    expect(toHex(encodeCommand({ token: 7, ...request }))).toBe(hex);
    expect(decodeCommand(fromHex(hex))).toEqual({ token: 7, ...request });
  });

  it('survives the way there and back, whatever it holds', () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    const command = fc.record({
      token: word,
      id: fc.integer({ min: 0, max: 255 }),
      args: fc.uint8Array({ maxLength: 16 }),
      transferLength: word,
    });
    fc.assert(
      fc.property(command, (each) => {
        expect(decodeCommand(encodeCommand(each))).toEqual(each);
      }),
    );
  });

  it('is not one with another length or without the magic', () => {
    const whole = encodeCommand({ token: 1, ...exitXip });
    expect(decodeCommand(whole.subarray(0, 31))).toBe(null);
    expect(decodeCommand(Uint8Array.of(...whole, 0))).toBe(null);
    expect(decodeCommand(Uint8Array.of(0, ...whole.subarray(1)))).toBe(null);
  });

  it('has at most 16 bytes of arguments', () => {
    const request = { token: 1, id: 1, args: new Uint8Array(17), transferLength: 0 };
    expect(() => encodeCommand(request)).toThrow(RangeError);
    const claimed = encodeCommand({ ...request, args: new Uint8Array(16) });
    claimed[9] = 255;
    expect(decodeCommand(claimed)?.args.length).toBe(16);
  });

  it('has a direction and a name', () => {
    expect([isIn(0x84), isIn(0x05)]).toEqual([true, false]);
    expect([nameOfCommand(0x03), nameOfCommand(0x7f)]).toEqual(['FLASH_ERASE', 'command 0x7f']);
  });
});

describe('the status of a PICOBOOT command', () => {
  const failed = { token: 7, status: 'BAD_ALIGNMENT', command: 3, inProgress: true } as const;

  it('has the bytes of the reference', () => {
    expect(decodeStatus(fromHex(picobootVectors.status))).toEqual(failed);
    expect(toHex(encodeStatus(failed))).toBe(picobootVectors.status);
  });

  it('keeps a code that is unknown', () => {
    const bytes = fromHex(picobootVectors.status);
    bytes[4] = 99;
    expect(decodeStatus(bytes).status).toBe('code 99');
  });

  it('is refused with another length', () => {
    expect(() => decodeStatus(new Uint8Array(15))).toThrow(/15 bytes instead of 16/);
  });

  it('is requested from the interface, and so is a reset', () => {
    expect(statusSetup(1)).toEqual({ bmRequestType: 0xc1, bRequest: 0x42, wValue: 0, wIndex: 1 });
    expect(resetSetup(0)).toEqual({ bmRequestType: 0x41, bRequest: 0x41, wValue: 0, wIndex: 0 });
  });
});

describe('the chip id of an RP2350', () => {
  it('is read with the highest digits first', () => {
    const reply = encodeChipInfo('0123456789ABCDEF', 1);
    expect(toHex(reply)).toBe('040000000100000001000000efcdab8967452301');
    expect(decodeChipInfo(reply)).toBe('0123456789ABCDEF');
  });

  it('is not made up from a reply without it', () => {
    const reply = encodeChipInfo('0123456789ABCDEF', 1);
    expect(() => decodeChipInfo(reply.subarray(0, 19))).toThrow(/without the chip id/);
    reply[4] = 2;
    expect(() => decodeChipInfo(reply)).toThrow(/without the chip id/);
  });
});

describe('the PICOBOOT interface in a configuration', () => {
  const found = { interfaceNumber: 1, outEndpoint: 0x03, inEndpoint: 0x84 };

  it('is found beside the drive', () => {
    expect(findPicoboot(bootRomConfiguration)).toEqual(found);
  });

  it('is found as number 0 where the ROM was started without its drive', () => {
    const alone = Uint8Array.of(...bootRomConfiguration.subarray(0, 9), ...bootRomConfiguration.subarray(32));
    alone[11] = 0;
    expect(findPicoboot(alone)).toEqual({ ...found, interfaceNumber: 0 });
  });

  it('is missing where the ROM was started without it', () => {
    expect(findPicoboot(bootRomConfiguration.subarray(0, 32))).toBe(null);
  });
});

it('no bytes make a reader of PICOBOOT throw anything but a coded error', () => {
  const seeds = [bootRomConfiguration, ...Object.values(picobootVectors).map(fromHex)];
  for (const bytes of mutations(seeds, 2040)) {
    findPicoboot(bytes);
    const command = decodeCommand(bytes);
    if (command !== null) expect(command.args.length).toBeLessThanOrEqual(16);
    for (const decode of [decodeStatus, decodeChipInfo]) {
      try {
        decode(bytes);
      } catch (error) {
        if (!isCanopusError(error, 'link/protocol')) throw error;
      }
    }
  }
});
