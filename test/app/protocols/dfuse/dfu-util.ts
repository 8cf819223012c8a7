import { readFileSync } from 'node:fs';
import type { ControlSetup } from '../../../../app/transport/usb-link.ts';

/** One control transfer of a recording (test/fixtures/dfuse/README.md). */
export interface RecordedTransfer {
  readonly setup: ControlSetup;
  readonly wLength: number;
  readonly direction: 'in' | 'out';
  readonly data: Uint8Array;
}

function parseData(text: string): Uint8Array {
  const bytes = text.split(' ').flatMap((token) => {
    const [byte = '', times = '1'] = token.split('*');
    return byte === '' ? [] : Array.from({ length: Number(times) }, () => parseInt(byte, 16));
  });
  return Uint8Array.from(bytes);
}

function parseLine(line: string): RecordedTransfer {
  const fields = /^(\w{2}) (\w{2}) (\w{4}) (\w{4}) (\w{4}) (->|<-)(.*)$/.exec(line);
  if (!fields) throw new Error(`not a transfer: ${line}`);
  const [bmRequestType = 0, bRequest = 0, wValue = 0, wIndex = 0, wLength = 0] = fields
    .slice(1, 6)
    .map((field) => parseInt(field, 16));
  return {
    setup: { bmRequestType, bRequest, wValue, wIndex },
    wLength,
    direction: fields[6] === '->' ? 'out' : 'in',
    data: parseData(fields[7] ?? ''),
  };
}

export type Recording = 'download' | 'two-blocks' | 'upload' | 'mass-erase' | 'read-unprotect';

const text = readFileSync(new URL('../../../fixtures/dfuse/dfu-util-0.11.txt', import.meta.url), 'utf8');

/** All transfers of one job of dfu-util, in order. */
export function recorded(name: Recording): readonly RecordedTransfer[] {
  const section = text.split('## ').find((part) => part.startsWith(`${name}:`));
  if (section === undefined) throw new Error(`no recording of ${name}`);
  return section
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map(parseLine);
}
