import { getContext, setContext } from 'svelte';
import type { ErrorCode, ErrorDetails } from '../../app/errors.ts';
import { nextStep } from '../../app/errors/next-step.ts';
import { systems, type System } from '../../app/system.ts';

type SystemOfStation = () => System | null;

const key = Symbol('the system of the station');

/** Call it once, in the outermost component; null until the station has replied. */
export function setStationSystem(system: SystemOfStation): void {
  setContext(key, system);
}

/** Rows of a Svelte context that give a component under test its station's system. */
export function stationSystemContext(system: System): Map<unknown, unknown> {
  return new Map([[key, () => system]]);
}

export interface Failure {
  readonly code: ErrorCode;
  readonly details?: ErrorDetails | undefined;
}

/**
 * The next step after a failure, worded for a window and for the station's system, which may differ from the
 * window's. Null while that system is unknown and matters.
 */
export function advice(): (failure: Failure) => string | null {
  const system = getContext<SystemOfStation | undefined>(key);
  return ({ code, details = {} }) => {
    const known = system?.() ?? null;
    const steps = (known === null ? systems : [known]).map((each) =>
      nextStep(code, { surface: 'window', system: each, details }),
    );
    const [first = null] = steps;
    return steps.every((step) => step === first) ? first : null;
  };
}
