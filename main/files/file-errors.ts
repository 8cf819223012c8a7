import { cancelled } from '../../app/cancelled.ts';
import { CanopusError } from '../../app/errors.ts';

/** The `code` of a Node system error (`ENOENT`); null for anything else. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Translates what `node:fs` throws. Errors that already have a code, and aborts, pass unchanged. */
export function toFileError(error: unknown, path: string, action: 'read' | 'write'): CanopusError {
  if (error instanceof CanopusError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return cancelled({ cause: error });
  }
  const reason = systemErrorCode(error) ?? 'unknown';
  const details = { path, reason };
  const options = { cause: error };
  if (reason === 'ENOENT')
    return new CanopusError('file/missing', `${path} does not exist`, details, options);
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new CanopusError('file/disk-full', `no space left to write ${path} (${reason})`, details, options);
  }
  return action === 'read'
    ? new CanopusError('file/unreadable', `cannot read ${path} (${reason})`, details, options)
    : new CanopusError('file/unwritable', `cannot write ${path} (${reason})`, details, options);
}
