import { noBytes } from '../bus/usb-function.ts';
import { joinBytes } from '../join-bytes.ts';

/**
 * The first exchange of a USB/IP connection, big-endian (Linux Documentation/usb/usbip_protocol.rst):
 *
 *     request: | version 0111 | code | status 0 |                      OP_REQ_DEVLIST 8005
 *              | version 0111 | code | status 0 | busid, 32 bytes |    OP_REQ_IMPORT 8003
 *     reply:   | version 0111 | code | status | u32 count | count x (device, interfaces) |   OP_REP_DEVLIST 0005
 *              | version 0111 | code | status | device |               OP_REP_IMPORT 0003, no device where status is not 0
 */
export const usbIpVersion = 0x0111;
export const operationCodes = { devlist: 0x8005, import: 0x8003 } as const;
export const operationBytes = 8;
export const busidBytes = 32;
const pathBytes = 256;
const deviceBytes = pathBytes + busidBytes + 24;
const fullSpeed = 2;

/** The entry of one device in a device list, from its descriptors. */
export interface ExportedDevice {
  /** The port path: `1-4.2`. */
  readonly busid: string;
  readonly busnum: number;
  readonly devnum: number;
  /** 18 bytes. */
  readonly deviceDescriptor: Uint8Array;
  /** wTotalLength bytes. */
  readonly configurationDescriptor: Uint8Array;
}

export function encodeDeviceList(devices: readonly ExportedDevice[]): Uint8Array {
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, devices.length);
  const parts = devices.flatMap((device) => [encodeDevice(device), encodeInterfaces(device)]);
  return joinBytes([encodeHeader(0x0005, 0), count, ...parts]);
}

/** `null` refuses the import. */
export function encodeImportReply(device: ExportedDevice | null): Uint8Array {
  return joinBytes([
    encodeHeader(0x0003, device === null ? 1 : 0),
    device === null ? noBytes : encodeDevice(device),
  ]);
}

/** The text of a busid field, up to its first zero byte. */
export function decodeBusid(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder('latin1').decode(end < 0 ? field : field.subarray(0, end));
}

function encodeHeader(code: number, status: number): Uint8Array {
  const header = new Uint8Array(operationBytes);
  const view = new DataView(header.buffer);
  view.setUint16(0, usbIpVersion);
  view.setUint16(2, code);
  view.setUint32(4, status);
  return header;
}

function encodeDevice(device: ExportedDevice): Uint8Array {
  const bytes = new Uint8Array(deviceBytes);
  const view = new DataView(bytes.buffer);
  const text = new TextEncoder();
  bytes.set(text.encode(`/sys/devices/canopus/${device.busid}`).subarray(0, pathBytes - 1), 0);
  bytes.set(text.encode(device.busid).subarray(0, busidBytes - 1), pathBytes);
  let at = pathBytes + busidBytes;
  for (const word of [device.busnum, device.devnum, fullSpeed]) {
    view.setUint32(at, word);
    at += 4;
  }
  // Device descriptor fields (USB 2.0, table 9-8); little-endian there, big-endian here.
  const descriptor = new DataView(device.deviceDescriptor.buffer, device.deviceDescriptor.byteOffset);
  for (const offset of [8, 10, 12]) {
    view.setUint16(at, descriptor.getUint16(offset, true));
    at += 2;
  }
  const { deviceDescriptor, configurationDescriptor } = device;
  const tail = [
    deviceDescriptor[4],
    deviceDescriptor[5],
    deviceDescriptor[6],
    configurationDescriptor[5],
    deviceDescriptor[17],
    configurationDescriptor[4],
  ];
  for (const byte of tail) bytes[at++] = byte ?? 0;
  return bytes;
}

/** class, subclass, protocol and a zero for the first alternate setting of each interface. */
function encodeInterfaces({ configurationDescriptor: blob }: ExportedDevice): Uint8Array {
  const found: number[] = [];
  for (let at = 0; at + 8 < blob.length;) {
    const length = blob[at] ?? 0;
    if (blob[at + 1] === 4 && blob[at + 3] === 0)
      found.push(blob[at + 5] ?? 0, blob[at + 6] ?? 0, blob[at + 7] ?? 0, 0);
    if (length === 0) break;
    at += length;
  }
  return Uint8Array.from(found);
}
