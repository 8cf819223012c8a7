import { CanopusError, isCanopusError, type LeftState } from '../../../app/errors.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import { stateText } from '../../../app/errors/left-states.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import type { System } from '../../../app/system.ts';
import { hostPlatform } from '../../devices/native-errors.ts';
import type { CliEvent } from './output.ts';
import type { StationAccess } from './station-access.ts';

/** An error for people. `system`: the one that the station runs on. */
export function plainMessage(error: CanopusError, system: System): string {
  const lines = [`${errorTable[error.code].title}: ${error.message}`];
  if (error.state !== null) lines.push(stateText(error.state, 'terminal'));
  lines.push(`Next: ${nextStepOf(error, system)}`, `(${error.code})`);
  return lines.join('\n');
}

function nextStepOf({ code, details }: CanopusError, system: System): string {
  return nextStep(code, { surface: 'terminal', system, details });
}

/** An error as the last line of `--json` shows it. */
export function errorEvent(error: CanopusError, system: System = hostPlatform): CliEvent {
  const state: LeftState | null = error.state;
  return {
    type: 'error',
    code: error.code,
    message: error.message,
    state,
    next: nextStepOf(error, system),
    details: error.details,
  };
}

/** What happened, in the view of the person at this terminal: which key was pressed, which station ended. */
export function namedFor(
  error: CanopusError,
  signal: AbortSignal,
  accesses: readonly StationAccess[],
): CanopusError {
  const state = error.state === null ? {} : { state: error.state };
  if (error.code === 'cancelled' && isCanopusError(signal.reason, 'cancelled'))
    return new CanopusError('cancelled', signal.reason.message, error.details, state);
  const lost = accesses.find(({ isLost }) => isLost);
  if (error.code !== 'contract/disconnected' || lost === undefined) return error;
  const message = `The station of process ${lost.pid ?? 0} ended before this command.`;
  return new CanopusError('host/station-lost', message, { pid: lost.pid }, state);
}
