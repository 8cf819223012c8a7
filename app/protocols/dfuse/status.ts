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

/** The answer to GETSTATUS. */
export interface DfuStatus {
  readonly status: StatusName;
  /** How long the device wants to be left alone before the next GETSTATUS. */
  readonly pollTimeoutMs: number;
  /** The state that the device is in from this answer on. */
  readonly state: StateName;
  /** Index of a string descriptor that tells more, 0 for none. */
  readonly iString: number;
}

/** Bytes in the answer to GETSTATUS. */
export const statusLength = 6;

function garbage(what: string, bytes: Uint8Array): CanopusError {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return new CanopusError('link/protocol', `The ROM bootloader answered ${what}: ${hex || 'no bytes'}.`, {
    answer: hex,
    length: bytes.length,
  });
}

/**
 * Decodes the answer to GETSTATUS: `| bStatus | bwPollTimeout, 3 bytes LE, ms | bState | iString |`.
 * Anything that the DFU specification has no meaning for rejects with `link/protocol`.
 */
export function decodeStatus(answer: Uint8Array): DfuStatus {
  const [bStatus = -1, poll0 = 0, poll1 = 0, poll2 = 0, bState = -1, iString = 0] = answer;
  const status = statusNames[bStatus];
  const state = stateNames[bState];
  if (answer.length !== statusLength || status === undefined || state === undefined) {
    throw garbage('GETSTATUS with something that is no status', answer);
  }
  return { status, pollTimeoutMs: poll0 | (poll1 << 8) | (poll2 << 16), state, iString };
}

/** Decodes the answer to GETSTATE, one byte; `link/protocol` for anything else. */
export function decodeState(answer: Uint8Array): StateName {
  const state = stateNames[answer[0] ?? -1];
  if (answer.length !== 1 || state === undefined) {
    throw garbage('GETSTATE with something that is no state', answer);
  }
  return state;
}
