/** One descriptor inside a configuration: type and all of its bytes, including bLength and bDescriptorType. */
interface Descriptor {
  readonly bDescriptorType: number;
  readonly bytes: Uint8Array;
}

/** Walks a configuration; stops at the first invalid length. */
function* descriptorsIn(configuration: Uint8Array): Generator<Descriptor, void> {
  let offset = 0;
  while (offset + 2 <= configuration.length) {
    const bLength = configuration[offset] ?? 0;
    if (bLength < 2 || offset + bLength > configuration.length) return;
    const bytes = configuration.subarray(offset, offset + bLength);
    yield { bDescriptorType: bytes[1] ?? 0, bytes };
    offset += bLength;
  }
}

const interfaceDescriptorType = 0x04;
const functionalDescriptorType = 0x21;
const applicationSpecificClass = 0xfe;
const dfuSubclass = 0x01;
const dfuModeProtocol = 0x02;

/** wTransferSize of every STM32 ROM so far, for one that does not state it. */
const defaultTransferSize = 2048;

/** The DFU functional descriptor (USB DFU 1.1, 4.1.3). */
export interface DfuFunctionalDescriptor {
  readonly bitCanDnload: boolean;
  readonly bitCanUpload: boolean;
  readonly bitManifestationTolerant: boolean;
  readonly bitWillDetach: boolean;
  readonly wDetachTimeOutMs: number;
  readonly wTransferSize: number;
  /** 0x011a for DfuSe; null if the descriptor is of DFU 1.0 and ends before it. */
  readonly bcdDFUVersion: number | null;
}

/** An alternate setting of a DFU interface in DFU mode: on ST parts, one memory each. */
export interface DfuAlternate {
  readonly interfaceNumber: number;
  readonly alternateSetting: number;
  /** Index of the string that describes the memory, 0 for none. */
  readonly iInterface: number;
}

export interface DfuInterfaces {
  /** In the order of the configuration; empty if the device has no interface in DFU mode. */
  readonly alternates: readonly DfuAlternate[];
  /** Null if the configuration has none. */
  readonly functional: DfuFunctionalDescriptor | null;
  /** wTransferSize of the functional descriptor, or 2048 if there is none or it says 0. */
  readonly transferSize: number;
}

/** `| bLength 9 or 7 | 21 | bmAttributes | wDetachTimeOut LE | wTransferSize LE | bcdDFUVersion LE |` */
function decodeFunctional(bytes: Uint8Array): DfuFunctionalDescriptor | null {
  if (bytes.length < 7) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bmAttributes = view.getUint8(2);
  return {
    bitCanDnload: (bmAttributes & 1) !== 0,
    bitCanUpload: (bmAttributes & 2) !== 0,
    bitManifestationTolerant: (bmAttributes & 4) !== 0,
    bitWillDetach: (bmAttributes & 8) !== 0,
    wDetachTimeOutMs: view.getUint16(3, true),
    wTransferSize: view.getUint16(5, true),
    bcdDFUVersion: bytes.length >= 9 ? view.getUint16(7, true) : null,
  };
}

/**
 * `| 9 | 04 | bInterfaceNumber | bAlternateSetting | bNumEndpoints | class | subclass | protocol | iInterface |`
 * (USB 2.0, 9.6.5) of an interface that is in DFU mode (fe 01 02), else null.
 */
function decodeAlternate(bytes: Uint8Array): DfuAlternate | null {
  const [, , interfaceNumber = 0, alternateSetting = 0, , classCode, subclass, protocol, iInterface = 0] =
    bytes;
  if (bytes.length < 9 || classCode !== applicationSpecificClass) return null;
  if (subclass !== dfuSubclass || protocol !== dfuModeProtocol) return null;
  return { interfaceNumber, alternateSetting, iInterface };
}

/**
 * Finds the DFU mode interface and its functional descriptor in a configuration. Only a descriptor 0x21 after a DFU
 * interface counts: HID uses the same number. A damaged configuration is read as far as it is valid.
 */
export function findDfuInterfaces(configuration: Uint8Array): DfuInterfaces {
  const alternates: DfuAlternate[] = [];
  let functional: DfuFunctionalDescriptor | null = null;
  let insideDfu = false;
  for (const { bDescriptorType, bytes } of descriptorsIn(configuration)) {
    if (bDescriptorType === interfaceDescriptorType) {
      const alternate = decodeAlternate(bytes);
      insideDfu = alternate !== null;
      if (alternate && alternate.interfaceNumber === (alternates[0] ?? alternate).interfaceNumber) {
        alternates.push(alternate);
      }
    } else if (bDescriptorType === functionalDescriptorType && insideDfu) {
      functional ??= decodeFunctional(bytes);
    }
  }
  return { alternates, functional, transferSize: functional?.wTransferSize || defaultTransferSize };
}
