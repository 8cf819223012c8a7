import { describe, expect, it } from 'vitest';
import {
  encodeEraseSector,
  encodeReadUnprotect,
  encodeSetAddress,
} from '../../../../app/protocols/dfuse/command.ts';
import {
  abortSetup,
  clrStatusSetup,
  dnloadSetup,
  getStateSetup,
  getStatusSetup,
  stringDescriptorSetup,
  uploadSetup,
} from '../../../../app/protocols/dfuse/request.ts';
import type { ControlSetup } from '../../../../app/transport/usb-link.ts';
import type { RecordedTransfer, Recording } from './dfu-util.ts';
import { recorded } from './dfu-util.ts';

const none = new Uint8Array(0);

interface Request {
  readonly setup: ControlSetup;
  readonly wLength: number;
  readonly data: Uint8Array;
}

function out(setup: ControlSetup, data: Uint8Array = none): Request {
  return { setup, wLength: data.length, data };
}

function read(setup: ControlSetup, wLength: number): Request {
  return { setup, wLength, data: none };
}

/** What dfu-util sent, without the replies. */
function requestsOf(name: Recording): readonly Request[] {
  return recorded(name)
    .filter(({ setup }) => setup.bRequest !== 11)
    .map(({ setup, wLength, direction, data }: RecordedTransfer) => ({
      setup,
      wLength,
      data: direction === 'out' ? data : none,
    }));
}

const status = read(getStatusSetup(0), 6);
const strings = [
  read(stringDescriptorSetup(0, 0), 255),
  read(stringDescriptorSetup(4, 0x0409), 255),
  read(stringDescriptorSetup(0, 0), 255),
  read(stringDescriptorSetup(3, 0x0409), 255),
];
const command = (data: Uint8Array) => [out(dnloadSetup(0, 0), data), status, status];
const small = Uint8Array.of(0, 0, 2, 0x20, 0x41, 1, 0, 8, ...Array.from({ length: 12 }, (_, n) => 0x10 + n));

describe('DFU requests', () => {
  it('are byte for byte what dfu-util sends for a download of one block, from dfuERROR to leaving', () => {
    expect(requestsOf('download')).toEqual([
      ...strings,
      status,
      out(clrStatusSetup(0)),
      status,
      ...command(encodeEraseSector(0x08000000)),
      ...command(encodeSetAddress(0x08000000)),
      out(dnloadSetup(0, 2), small),
      status,
      status,
      out(abortSetup(0)),
      status,
      ...command(encodeSetAddress(0x08000000)),
      out(dnloadSetup(0, 2)),
      status,
    ]);
  });

  it('are byte for byte what dfu-util sends for two blocks, each behind its own address', () => {
    const requests = requestsOf('two-blocks');
    expect(requests).toContainEqual(out(dnloadSetup(0, 2), new Uint8Array(2048).fill(0xa5)));
    expect(requests).toContainEqual(out(dnloadSetup(0, 0), encodeSetAddress(0x08000800)));
    expect(requests).toContainEqual(out(dnloadSetup(0, 2), Uint8Array.of(1, 2, 3, 4)));
  });

  it('are byte for byte what dfu-util sends for an upload', () => {
    expect(requestsOf('upload').slice(strings.length)).toEqual([
      status,
      ...command(encodeSetAddress(0x08000000)),
      out(abortSetup(0)),
      status,
      read(uploadSetup(0, 2), 2048),
      read(uploadSetup(0, 3), 12),
      out(abortSetup(0)),
      status,
    ]);
  });

  it('are byte for byte what dfu-util sends for read unprotect', () => {
    expect(requestsOf('read-unprotect').slice(strings.length)).toEqual([
      status,
      out(dnloadSetup(0, 0), encodeReadUnprotect()),
      status,
    ]);
  });

  it('carry the interface in wIndex', () => {
    expect(getStateSetup(3)).toEqual({ bmRequestType: 0xa1, bRequest: 5, wValue: 0, wIndex: 3 });
    for (const setup of [
      getStatusSetup(3),
      clrStatusSetup(3),
      abortSetup(3),
      uploadSetup(3, 2),
      dnloadSetup(3, 2),
    ]) {
      expect(setup.wIndex).toBe(3);
    }
  });

  it('write addresses with the lowest byte first, up to the end of the address space', () => {
    expect([...encodeSetAddress(0x1fff7a10)]).toEqual([0x21, 0x10, 0x7a, 0xff, 0x1f]);
    expect([...encodeEraseSector(0xffffffff)]).toEqual([0x41, 0xff, 0xff, 0xff, 0xff]);
  });
});
