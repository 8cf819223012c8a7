import { hex32 } from '../hex.ts';
import { CanopusError, isCanopusError, toCanopusError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { DfuStatus, StatusName } from '../protocols/dfuse/status.ts';
import type { DfuPort } from './dfu-port.ts';

/** The operation requested of the ROM; for messages and for translating its refusal. */
export interface DfuOperation {
  readonly kind: 'set-address' | 'erase' | 'erase-all' | 'write' | 'read' | 'unprotect' | 'leave';
  readonly address: number;
  /** Bytes. */
  readonly length: number;
  /**
   * True once this session has read or erased flash. A protected part allows neither (RM0090, 3.9.3), so errVENDOR then
   * has another reason.
   */
  readonly unprotected: boolean;
}

const verbs = {
  'set-address': 'setting the address to',
  erase: 'erasing the sector at',
  'erase-all': 'erasing all of flash from',
  write: 'writing at',
  read: 'reading at',
  unprotect: 'removing the read protection of',
  leave: 'starting the firmware at',
} as const satisfies Record<DfuOperation['kind'], string>;

export function describeOperation(operation: DfuOperation): string {
  const bytes = operation.kind === 'write' || operation.kind === 'read' ? `${operation.length} bytes ` : '';
  return `${verbs[operation.kind].replace(' at', ` ${bytes}at`)} ${hex32(operation.address)}`;
}

const eraseStatuses: readonly StatusName[] = ['errERASE', 'errCHECK_ERASED'];
const writeStatuses: readonly StatusName[] = ['errWRITE', 'errPROG', 'errVERIFY'];

function codeOf(status: DfuStatus, operation: DfuOperation): ErrorCode {
  if (status.status === 'errVENDOR') {
    if (!operation.unprotected) return 'dfu/read-protected';
    if (operation.kind === 'erase' || operation.kind === 'erase-all') return 'dfu/erase-failed';
    if (operation.kind === 'write') return 'dfu/write-failed';
  }
  if (eraseStatuses.includes(status.status)) return 'dfu/erase-failed';
  if (writeStatuses.includes(status.status)) return 'dfu/write-failed';
  return 'dfu/device-error';
}

/** The ROM's own report of a failure (GETSTATUS), as an error with the names of operation and status. */
export function reportedFailure(status: DfuStatus, operation: DfuOperation, cause?: unknown): CanopusError {
  const code = codeOf(status, operation);
  const message =
    code === 'dfu/read-protected'
      ? `The chip is read-protected: it refused ${describeOperation(operation)} (errVENDOR).`
      : `The ROM bootloader replied ${status.status} (${status.state}) to ${describeOperation(operation)}.`;
  const details = {
    operation: operation.kind,
    address: hex32(operation.address),
    length: operation.length,
    bStatus: status.status,
    bState: status.state,
  };
  return new CanopusError(code, message, details, { cause });
}

/** A failure of the link, with the current operation added to its message and details. */
export function linkFailure(error: unknown, operation: DfuOperation): CanopusError {
  const failure = toCanopusError(error);
  const message = `${failure.message} It happened while ${describeOperation(operation)}.`;
  const details = {
    ...failure.details,
    operation: operation.kind,
    address: hex32(operation.address),
    length: operation.length,
  };
  return new CanopusError(failure.code, message, details, { cause: failure.cause ?? failure });
}

/** What a ROM reports in dfuERROR when it does not carry out a command (USB DFU 1.1, 6.1.2; AN3156, 5.3 and 5.4). */
const refusals: readonly StatusName[] = ['errTARGET', 'errADDRESS', 'errFILE', 'errSTALLEDPKT'];

/**
 * Whether the ROM reported that it did not carry out an erase or unprotect: a protected part ignores requests that get
 * errVENDOR (AN3156, 5.3), an address that the part lacks is not erased. After any other failure it is unknown how far
 * the ROM came.
 */
export function isRefusedWithoutEffect(error: unknown): boolean {
  if (!(error instanceof CanopusError)) return false;
  if (error.code === 'dfu/read-protected') return true;
  const { bStatus, bState } = error.details;
  return bState === 'dfuERROR' && refusals.some((status) => status === bStatus);
}

/** Whether the ROM refused, or sent an invalid reply, and can still be asked. */
export function isRefusal(error: unknown): boolean {
  return (
    isCanopusError(error, 'link/stall') ||
    isCanopusError(error, 'link/protocol') ||
    isCanopusError(error, 'dfu/device-error') ||
    isCanopusError(error, 'dfu/read-protected')
  );
}

/** The reason for a refused DNLOAD or UPLOAD: a stall says nothing, so the ROM is asked for its status. */
export async function explainRefusal(
  port: DfuPort,
  error: unknown,
  operation: DfuOperation,
): Promise<CanopusError> {
  if (!isCanopusError(error, 'link/stall')) return linkFailure(error, operation);
  try {
    const status = await port.getStatus();
    if (status.status !== 'OK') return reportedFailure(status, operation, error);
  } catch (second) {
    // A device that has disappeared explains more than the stall before; any other failure explains less.
    if (isCanopusError(second, 'link/gone')) return linkFailure(second, operation);
  }
  return linkFailure(error, operation);
}
