import { CanopusError } from '../../../app/errors.ts';
import { UsbGone, UsbStall } from '../bus/usb-function.ts';

/** A virtual device's failure as the error that a real one would be translated to. Other errors pass unchanged. */
export function toLinkError(error: unknown, label: string): unknown {
  if (error instanceof UsbStall) {
    return new CanopusError('link/stall', `${label} refused the request.`, {}, { cause: error });
  }
  if (error instanceof UsbGone) return goneError(label);
  if (error instanceof CanopusError || (error instanceof Error && error.name === 'AbortError')) return error;
  return new CanopusError('link/io', `${label}: transfer failed.`, {}, { cause: error });
}

export function goneError(label: string): CanopusError {
  return new CanopusError('link/gone', `${label} was unplugged.`);
}

export function closedError(label: string): CanopusError {
  return new CanopusError('link/closed', `${label} is closed.`);
}

export function timeoutError(label: string, timeoutMs: number): CanopusError {
  return new CanopusError('link/timeout', `${label} did not reply within ${timeoutMs} ms.`, { timeoutMs });
}
