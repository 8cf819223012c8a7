import { CanopusError } from '../../app/errors.ts';
import { shellScript } from '../../app/transport/shell-script.ts';
import diesText from './scripts/dies.sh?raw';
import makeFolderText from './scripts/make-folder.sh?raw';
import readFileText from './scripts/read-file.sh?raw';
import writeFileText from './scripts/write-file.sh?raw';

/** Exit codes of the scripts below, distinct from those of `sh`, `cat` and `mv`. */
export const fileExit = { missing: 81, refused: 82, tooLong: 83, full: 84, cut: 85 } as const;

/** Arguments and exit codes stand at the head of each file. */
export const readFileScript = shellScript(readFileText);
export const writeFileScript = shellScript(writeFileText, { 'dies.sh': diesText });
export const makeFolderScript = shellScript(makeFolderText, { 'dies.sh': diesText });

/** Removes \`$1\` and what is in it. */
export const removeScript = 'rm -rf -- "$1"';

/** Translates a script's exit code; null for success. */
export function toRemoteFileError(
  exitCode: number,
  path: string,
  action: 'read' | 'write',
  label: string,
): CanopusError | null {
  const details = { path, label, exitCode };
  switch (exitCode) {
    case 0:
      return null;
    case fileExit.missing:
      return new CanopusError('file/missing', `${path} does not exist on ${label}`, details);
    case fileExit.full:
      return new CanopusError('file/disk-full', `no space left on ${label} to write ${path}`, details);
    case fileExit.tooLong:
      return new CanopusError('file/unreadable', `${path} on ${label} is longer than expected`, details);
    case fileExit.cut:
      return new CanopusError(
        'shell/lost',
        `the connection to ${label} broke while ${path} was sent`,
        details,
      );
    default:
      return action === 'read'
        ? new CanopusError('file/unreadable', `cannot read ${path} on ${label}`, details)
        : new CanopusError('file/unwritable', `cannot write ${path} on ${label}`, details);
  }
}
