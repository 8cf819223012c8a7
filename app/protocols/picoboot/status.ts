import { CanopusError } from '../../errors.ts';
import type { ControlSetup } from '../../transport/usb-link.ts';

/** Status codes in the order of their values; those from INVALID_STATE on come from the RP2350 (boot/picoboot.h). */
export const picobootStatusNames = [
  'OK',
  'UNKNOWN_CMD',
  'INVALID_CMD_LENGTH',
  'INVALID_TRANSFER_LENGTH',
  'INVALID_ADDRESS',
  'BAD_ALIGNMENT',
  'INTERLEAVED_WRITE',
  'REBOOTING',
  'UNKNOWN_ERROR',
  'INVALID_STATE',
  'NOT_PERMITTED',
  'INVALID_ARG',
  'BUFFER_TOO_SMALL',
  'PRECONDITION_NOT_MET',
  'MODIFIED_DATA',
  'INVALID_DATA',
  'NOT_FOUND',
  'UNSUPPORTED_MODIFICATION',
] as const;

export type PicobootStatusName = (typeof picobootStatusNames)[number];

/**
 * The reply to the status request: `| u32 token | u32 code | u8 command | u8 in progress | 6 x 0 |`. It is about the
 * last command.
 */
export interface PicobootStatus {
  readonly token: number;
  /** `code 99` for one that is unknown. */
  readonly status: PicobootStatusName | `code ${number}`;
  readonly command: number;
  readonly inProgress: boolean;
}

export const statusBytes = 16;

/** Throws `link/protocol` for another length. */
export function decodeStatus(bytes: Uint8Array): PicobootStatus {
  if (bytes.length !== statusBytes) {
    throw new CanopusError(
      'link/protocol',
      `The boot ROM replied to the status request with ${bytes.length} bytes instead of ${statusBytes}.`,
      { received: bytes.length },
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const code = view.getUint32(4, true);
  return {
    token: view.getUint32(0, true),
    status: picobootStatusNames[code] ?? `code ${code}`,
    command: view.getUint8(8),
    inProgress: view.getUint8(9) !== 0,
  };
}

interface StatusFields {
  readonly token: number;
  readonly status: PicobootStatusName;
  readonly command: number;
  readonly inProgress: boolean;
}

/** As the ROM sends it. */
export function encodeStatus({ token, status, command, inProgress }: StatusFields): Uint8Array {
  const bytes = new Uint8Array(statusBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, token, true);
  view.setUint32(4, picobootStatusNames.indexOf(status), true);
  bytes[8] = command;
  bytes[9] = inProgress ? 1 : 0;
  return bytes;
}

/** bRequest of the vendor requests to the PICOBOOT interface. */
export const picobootRequests = { reset: 0x41, status: 0x42 } as const;

/** OUT without data: clears halts, gives up exclusive access, and ends a running flash operation half-way. */
export function resetSetup(interfaceNumber: number): ControlSetup {
  return { bmRequestType: 0x41, bRequest: picobootRequests.reset, wValue: 0, wIndex: interfaceNumber };
}

/** IN, 16 bytes. */
export function statusSetup(interfaceNumber: number): ControlSetup {
  return { bmRequestType: 0xc1, bRequest: picobootRequests.status, wValue: 0, wIndex: interfaceNumber };
}
