import { CanopusError } from '../../errors.ts';

/** bStatus, in the order of its values (USB DFU 1.1, 6.1.2). */
export const statusNames = [
  'OK',
  'errTARGET',
  'errFILE',
  'errWRITE',
  'errERASE',
  'errCHECK_ERASED',
  'errPROG',
  'errVERIFY',
  'errADDRESS',
  'errNOTDONE',
  'errFIRMWARE',
  'errVENDOR',
  'errUSBR',
  'errPOR',
  'errUNKNOWN',
  'errSTALLEDPKT',
] as const;

export type StatusName = (typeof statusNames)[number];

/** bState, in the order of its values (USB DFU 1.1, 6.1.2). */
export const stateNames = [
  'appIDLE',
  'appDETACH',
  'dfuIDLE',
  'dfuDNLOAD-SYNC',
  'dfuDNBUSY',
  'dfuDNLOAD-IDLE',
  'dfuMANIFEST-SYNC',
  'dfuMANIFEST',
  'dfuMANIFEST-WAIT-RESET',
  'dfuUPLOAD-IDLE',
  'dfuERROR',
] as const;

export type StateName = (typeof stateNames)[number];

/** The reply to GETSTATUS. */
export interface DfuStatus {
  readonly status: StatusName;
  /** How long the host must wait before the next GETSTATUS. */
  readonly pollTimeoutMs: number;
  /** The state that the device enters with this reply. */
  readonly state: StateName;
  /** Index of a string descriptor with more details, 0 for none. */
  readonly iString: number;
}

/** Bytes in the reply to GETSTATUS. */
export const statusLength = 6;

function garbage(what: string, bytes: Uint8Array): CanopusError {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return new CanopusError('link/protocol', `The ROM bootloader replied to ${what}: ${hex || 'no bytes'}.`, {
    answer: hex,
    length: bytes.length,
  });
}

/**
 * Decodes the reply to GETSTATUS: `| bStatus | bwPollTimeout, 3 bytes LE, ms | bState | iString |`. Throws
 * `link/protocol` for anything that the DFU specification does not define.
 */
export function decodeStatus(answer: Uint8Array): DfuStatus {
  const [bStatus = -1, poll0 = 0, poll1 = 0, poll2 = 0, bState = -1, iString = 0] = answer;
  const status = statusNames[bStatus];
  const state = stateNames[bState];
  if (answer.length !== statusLength || status === undefined || state === undefined) {
    throw garbage('GETSTATUS with an invalid status', answer);
  }
  return { status, pollTimeoutMs: poll0 | (poll1 << 8) | (poll2 << 16), state, iString };
}

/** Decodes the reply to GETSTATE, one byte; throws `link/protocol` for anything else. */
export function decodeState(answer: Uint8Array): StateName {
  const state = stateNames[answer[0] ?? -1];
  if (answer.length !== 1 || state === undefined) {
    throw garbage('GETSTATE with an invalid state', answer);
  }
  return state;
}
