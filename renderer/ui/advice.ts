import { getContext, setContext } from 'svelte';
import type { ErrorCode, ErrorDetails } from '../../app/errors.ts';
import { nextStep } from '../../app/errors/next-step.ts';
import { systems, type System } from '../../app/system.ts';

type SystemOfStation = () => System | null;

const key = Symbol('the system of the station');

/** To be called once, by the component around all others; null until the station has told. */
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
 * For a component: the next step after a failure, in the words of a window and for the system of the station, which
 * may not be the one the window is on. Null while that is not known and makes a difference.
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
