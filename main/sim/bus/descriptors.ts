/** Builders for the descriptors of USB 2.0, chapter 9.6. Field names as there. */

const DEVICE = 1;
const CONFIGURATION = 2;
const STRING = 3;
const INTERFACE = 4;
const ENDPOINT = 5;
const ENGLISH_US = 0x0409;

interface DeviceFields {
  readonly bcdUSB: number;
  readonly bDeviceClass: number;
  readonly bMaxPacketSize0: number;
  readonly idVendor: number;
  readonly idProduct: number;
  readonly bcdDevice: number;
}

/** 18 bytes with the strings 1 manufacturer, 2 product, 3 serial number and one configuration. */
export function deviceDescriptor(fields: DeviceFields): Uint8Array {
  return Uint8Array.of(
    18,
    DEVICE,
    ...word(fields.bcdUSB),
    fields.bDeviceClass,
    0,
    0,
    fields.bMaxPacketSize0,
    ...word(fields.idVendor),
    ...word(fields.idProduct),
    ...word(fields.bcdDevice),
    1,
    2,
    3,
    1,
  );
}

/** The configuration descriptor followed by `parts`, with wTotalLength filled in. bMaxPower in units of 2 mA. */
export function configurationDescriptor(
  fields: { bNumInterfaces: number; bmAttributes: number; bMaxPower: number },
  parts: readonly Uint8Array[],
): Uint8Array {
  const total = parts.reduce((sum, part) => sum + part.length, 9);
  return Uint8Array.of(
    9,
    CONFIGURATION,
    ...word(total),
    fields.bNumInterfaces,
    1,
    0,
    fields.bmAttributes,
    fields.bMaxPower,
    ...parts.flatMap((part) => [...part]),
  );
}

interface InterfaceFields {
  readonly bInterfaceNumber: number;
  readonly bAlternateSetting: number;
  readonly bNumEndpoints: number;
  /** class, subclass, protocol */
  readonly triple: readonly [number, number, number];
  readonly iInterface: number;
}

export function interfaceDescriptor(fields: InterfaceFields): Uint8Array {
  return Uint8Array.of(
    9,
    INTERFACE,
    fields.bInterfaceNumber,
    fields.bAlternateSetting,
    fields.bNumEndpoints,
    ...fields.triple,
    fields.iInterface,
  );
}

/** bmAttributes: 2 bulk, 3 interrupt. */
export function endpointDescriptor(
  bEndpointAddress: number,
  bmAttributes: number,
  wMaxPacketSize: number,
  bInterval: number,
): Uint8Array {
  return Uint8Array.of(7, ENDPOINT, bEndpointAddress, bmAttributes, ...word(wMaxPacketSize), bInterval);
}

/** A string descriptor in UTF-16LE with a truthful bLength. */
export function stringDescriptor(text: string): Uint8Array {
  const units = Array.from({ length: text.length }, (_, index) => word(text.charCodeAt(index))).flat();
  return Uint8Array.of(units.length + 2, STRING, ...units);
}

/** String descriptor 0: US English only. */
export function languagesDescriptor(): Uint8Array {
  return Uint8Array.of(4, STRING, ...word(ENGLISH_US));
}

/** The text of a string descriptor, as far as it arrived; null if it is not one. */
export function stringOf(descriptor: Uint8Array | undefined): string | null {
  if (descriptor === undefined || descriptor.length < 2 || descriptor[1] !== STRING) return null;
  const end = Math.min(descriptor[0] ?? 0, descriptor.length);
  return new TextDecoder('utf-16le').decode(descriptor.subarray(2, end - (end % 2)));
}

/** Class, subclass and protocol of each interface's first setting, as `ff/ff/ff`, out of a whole configuration. */
export function interfacesOf(configuration: Uint8Array): readonly string[] {
  const triples: string[] = [];
  for (let at = 0; at + 8 < configuration.length; at += configuration[at] || configuration.length) {
    if (configuration[at + 1] !== INTERFACE || configuration[at + 3] !== 0) continue;
    const triple = Array.from(configuration.subarray(at + 5, at + 8), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    triples.push(triple.join('/'));
  }
  return triples;
}

function word(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}
