import { errorCodes, type ErrorCode, type ErrorDetails } from '../../../app/errors.ts';
import type { ErrorRow } from '../../../app/errors/error-row.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import type { Surface } from '../../../app/errors/error-row.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import { systems, type System } from '../../../app/system.ts';

export interface Step {
  readonly code: ErrorCode;
  readonly surface: Surface;
  readonly system: System;
  readonly details: ErrorDetails;
  readonly text: string;
}

/** Every next step that anyone can read: of each code and each of its cases, on each surface and system. */
export const allSteps: readonly Step[] = errorCodes.flatMap((code) => {
  const row: ErrorRow = errorTable[code];
  const cases: readonly ErrorDetails[] = [
    {},
    ...(row.cases ?? []).map(({ when }) =>
      Object.fromEntries(Object.entries(when).map(([name, value]) => [name, value === true ? 'x' : value])),
    ),
  ];
  return cases.flatMap((details) =>
    (['window', 'terminal'] as const).flatMap((surface) =>
      systems.map((system) => ({
        ...{ code, surface, system, details },
        text: nextStep(code, { surface, system, details }),
      })),
    ),
  );
});
