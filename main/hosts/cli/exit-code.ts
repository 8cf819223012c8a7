import type { CanopusError, ErrorCode } from '../../../app/errors.ts';

/** Exit codes of the command line; scripts depend on them. */
export const exitCodes = {
  done: 0,
  usage: 2,
  /** A check said no before anything was written. */
  refused: 3,
  /** The device was not found or was lost. */
  device: 4,
  failed: 5,
  cancelled: 130,
} as const;

const usageCodes = new Set<ErrorCode>([
  'usage/invalid',
  'preset/unknown',
  'preset/invalid',
  'uid/invalid',
  'image/unreadable',
  'file/unreadable',
]);

/** The exit code for a failure: by what it means for a script, and `refused` only while the board is untouched. */
export function exitCodeFor(error: CanopusError): number {
  const { code } = error;
  if (code === 'cancelled') return exitCodes.cancelled;
  if (usageCodes.has(code)) return exitCodes.usage;
  if (code === 'link/gone' || code.startsWith('device/')) return exitCodes.device;
  const checked =
    code.startsWith('image/') ||
    code === 'katapult/wrong-mcu' ||
    code === 'katapult/wrong-address' ||
    code === 'dfu/read-protected' ||
    code === 'dfu/unprotect-not-confirmed' ||
    code === 'identity/conflict';
  if (checked && (error.state === null || error.state === 'untouched')) return exitCodes.refused;
  return exitCodes.failed;
}
