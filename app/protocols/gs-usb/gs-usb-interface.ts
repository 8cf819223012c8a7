/** The endpoints for frames, addresses including the direction bit. */
export interface GsUsbInterface {
  readonly interfaceNumber: number;
  readonly bulkIn: number;
  readonly bulkOut: number;
  /** wMaxPacketSize of the IN endpoint. */
  readonly maxPacketBytes: number;
}

const descriptorType = { interface: 4, endpoint: 5 } as const;
const vendorClass = 0xff;
const bulk = 2;

/**
 * The first vendor-class interface (alternate setting 0) with a bulk endpoint in each direction; null if the
 * configuration (USB 2.0, 9.6) has none. Endpoint numbers differ between adapters: Klipper has 81 and 02, candleLight
 * 81 and 02 or 01.
 */
export function findGsUsbInterface(configurationDescriptor: Uint8Array): GsUsbInterface | null {
  let found: (Partial<GsUsbInterface> & { interfaceNumber: number }) | null = null;
  for (let at = 0; at + 2 <= configurationDescriptor.length;) {
    const length = configurationDescriptor[at] ?? 0;
    const entry = configurationDescriptor.subarray(at, at + length);
    if (length < 2 || entry.length < length) return null;
    if (entry[1] === descriptorType.interface && length >= 9) {
      const isVendor = entry[3] === 0 && entry[5] === vendorClass;
      found = isVendor ? { interfaceNumber: entry[2] ?? 0 } : null;
    } else if (entry[1] === descriptorType.endpoint && length >= 7 && found !== null) {
      found = withEndpoint(found, entry);
      const { interfaceNumber, bulkIn, bulkOut, maxPacketBytes } = found;
      if (bulkIn !== undefined && bulkOut !== undefined && maxPacketBytes !== undefined) {
        return { interfaceNumber, bulkIn, bulkOut, maxPacketBytes };
      }
    }
    at += length;
  }
  return null;
}

type Partly = Partial<GsUsbInterface> & { interfaceNumber: number };

function withEndpoint(found: Partly, entry: Uint8Array): Partly {
  const address = entry[2] ?? 0;
  if (((entry[3] ?? 0) & 3) !== bulk) return found;
  if ((address & 0x80) === 0) return { bulkOut: address, ...found };
  return { bulkIn: address, maxPacketBytes: ((entry[4] ?? 0) | ((entry[5] ?? 0) << 8)) & 0x7ff, ...found };
}
