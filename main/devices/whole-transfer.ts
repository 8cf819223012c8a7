import { CanopusError } from '../../app/errors.ts';

/** Throws `link/io` if a device took fewer bytes than it was sent. */
export function requireAllTaken(label: string, taken: number, length: number): void {
  if (taken === length) return;
  const message = `${label}: the device took ${taken} of ${length} bytes.`;
  throw new CanopusError('link/io', message, { label, taken, length });
}
