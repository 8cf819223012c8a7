import { CanopusError, type ErrorCode } from '../../app/errors.ts';
import { quoted } from '../../app/quoted.ts';
import { stepExit } from '../../app/pi/step-scripts.ts';
import type { RunResult } from '../../app/transport/shell.ts';

/** Translates the exit code of a step's script. */
export function stepError(
  { exitCode, stderr }: RunResult,
  path: string,
  label: string,
  direction: 'apply' | 'undo' = 'apply',
): CanopusError {
  const [code, text] = namesFor(exitCode, path, label, direction);
  const said = quoted(stderr.trim().slice(-300));
  return new CanopusError(code, code === 'pi/step-failed' && said !== '' ? `${text}: ${said}` : text, {
    path,
    exitCode,
  });
}

function namesFor(
  exitCode: number,
  path: string,
  label: string,
  direction: 'apply' | 'undo',
): readonly [ErrorCode, string] {
  switch (exitCode) {
    case stepExit.changed:
      return direction === 'apply'
        ? ['pi/changed-since-plan', `${path} on ${label} has changed since the plan was made`]
        : ['pi/edited-since', `${path} on ${label} was edited since the change was made`];
    case stepExit.diskFull:
      return ['pi/disk-full', `there is no room on ${label} for ${path} and its backup`];
    case stepExit.readOnly:
      return ['pi/read-only', `the folder of ${path} on ${label} cannot be written`];
    case stepExit.open:
      return ['pi/unfinished', `another change of ${label} was started but not finished`];
    case stepExit.stagedDamaged:
      return ['pi/step-failed', `the new content of ${path} in the journal on ${label} is damaged`];
    case stepExit.backupDamaged:
      return ['pi/step-failed', `the backup of ${path} on ${label} is gone or damaged`];
    default:
      return ['pi/step-failed', `the step for ${path} on ${label} ended with ${exitCode}`];
  }
}
