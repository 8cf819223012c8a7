import type { ControlSetup } from '../../transport/usb-link.ts';

/** gs_usb vendor requests (Linux drivers/net/can/usb/gs_usb.c, `enum gs_usb_breq`). */
export const requestCode = { hostFormat: 0, bitTiming: 1, mode: 2, btConst: 4, deviceConfig: 5 } as const;

const toInterface = 0x41;
const fromInterface = 0xc1;

/** Host byte order: the driver sends this word first; adapters that can only do little-endian ignore it. */
const littleEndianMark = 0x0000_beef;

export interface OutRequest {
  readonly setup: ControlSetup;
  readonly data: Uint8Array;
}

export interface InRequest {
  readonly setup: ControlSetup;
  readonly length: number;
}

function out(bRequest: number, wValue: number, wIndex: number, ...words: readonly number[]): OutRequest {
  const data = new Uint8Array(4 * words.length);
  words.forEach((word, index) => new DataView(data.buffer).setUint32(4 * index, word, true));
  return { setup: { bmRequestType: toInterface, bRequest, wValue, wIndex }, data };
}

export function hostFormatRequest(interfaceNumber: number): OutRequest {
  return out(requestCode.hostFormat, 1, interfaceNumber, littleEndianMark);
}

/** All in time quanta; `brp` divides the adapter's clock. */
export interface BitTiming {
  readonly propSeg: number;
  readonly phaseSeg1: number;
  readonly phaseSeg2: number;
  readonly sjw: number;
  readonly brp: number;
}

export function bitTimingRequest(channel: number, timing: BitTiming): OutRequest {
  const { propSeg, phaseSeg1, phaseSeg2, sjw, brp } = timing;
  return out(requestCode.bitTiming, channel, 0, propSeg, phaseSeg1, phaseSeg2, sjw, brp);
}

/** Starts (with no special mode flags) or stops a channel. */
export function modeRequest(channel: number, mode: 'reset' | 'start'): OutRequest {
  return out(requestCode.mode, channel, 0, mode === 'start' ? 1 : 0, 0);
}

export function deviceConfigRequest(interfaceNumber: number): InRequest {
  return {
    setup: {
      bmRequestType: fromInterface,
      bRequest: requestCode.deviceConfig,
      wValue: 1,
      wIndex: interfaceNumber,
    },
    length: 12,
  };
}

interface DeviceConfig {
  readonly channelCount: number;
  readonly softwareVersion: number;
  readonly hardwareVersion: number;
}

/** Null if the adapter returned fewer than 12 bytes. */
export function parseDeviceConfig(data: Uint8Array): DeviceConfig | null {
  if (data.length < 12) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    channelCount: (data[3] ?? 0) + 1,
    softwareVersion: view.getUint32(4, true),
    hardwareVersion: view.getUint32(8, true),
  };
}

export function btConstRequest(channel: number): InRequest {
  return {
    setup: { bmRequestType: fromInterface, bRequest: requestCode.btConst, wValue: channel, wIndex: 0 },
    length: 40,
  };
}

/** The bit timings that an adapter accepts. */
export interface BtConst {
  readonly feature: number;
  readonly clockHz: number;
  readonly tseg1: readonly [min: number, max: number];
  readonly tseg2: readonly [min: number, max: number];
  readonly sjwMax: number;
  readonly brp: readonly [min: number, max: number];
  readonly brpIncrement: number;
}

/** Null if the adapter returned fewer than 40 bytes. */
export function parseBtConst(data: Uint8Array): BtConst | null {
  if (data.length < 40) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const word = (index: number): number => view.getUint32(4 * index, true);
  return {
    feature: word(0),
    clockHz: word(1),
    tseg1: [word(2), word(3)],
    tseg2: [word(4), word(5)],
    sjwMax: word(6),
    brp: [word(7), word(8)],
    brpIncrement: word(9),
  };
}
