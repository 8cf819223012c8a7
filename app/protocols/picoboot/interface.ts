const INTERFACE = 4;
const ENDPOINT = 5;
const BULK = 2;

/** Where PICOBOOT is in a configuration. */
export interface PicobootInterface {
  readonly interfaceNumber: number;
  readonly outEndpoint: number;
  readonly inEndpoint: number;
}

/**
 * The PICOBOOT interface of a configuration: class ff/00/00 with one bulk endpoint each way, whatever its number: it is
 * 0 if firmware started the ROM without its drive. Null if there is none, or the descriptors are damaged before it.
 */
export function findPicoboot(configuration: Uint8Array): PicobootInterface | null {
  let interfaceNumber: number | null = null;
  let outEndpoint: number | null = null;
  let inEndpoint: number | null = null;
  for (let at = 0; at + 1 < configuration.length;) {
    const [length = 0, type = 0] = configuration.subarray(at);
    const end = at + length;
    if (length < 2 || end > configuration.length) return null;
    if (type === INTERFACE && length >= 9) {
      const [number = 0, alternate = 0] = configuration.subarray(at + 2);
      const triple = configuration.subarray(at + 5, at + 8).join('/');
      interfaceNumber = triple === '255/0/0' && alternate === 0 ? number : null;
      outEndpoint = null;
      inEndpoint = null;
    } else if (type === ENDPOINT && length >= 7 && interfaceNumber !== null) {
      const [address = 0, attributes = 0] = configuration.subarray(at + 2);
      if ((attributes & 3) === BULK && (address & 0x80) === 0) outEndpoint ??= address;
      if ((attributes & 3) === BULK && (address & 0x80) !== 0) inEndpoint ??= address;
      if (outEndpoint !== null && inEndpoint !== null) return { interfaceNumber, outEndpoint, inEndpoint };
    }
    at = end;
  }
  return null;
}
