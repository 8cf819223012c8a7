import * as z from 'zod/mini';
import type { CanopusError } from '../errors.ts';
import type { Plain } from '../plain.ts';
import { errorDetails, wireError } from './wire-error.ts';

/** Why a flow or a slot of the bench does not continue. */
export const troubleSchema = z.object({
  ...wireError.shape,
  /** What a next step can be offered by. */
  details: z.optional(errorDetails),
});

export type Trouble = Plain<z.infer<typeof troubleSchema>>;

export function troubleOf(error: Pick<CanopusError, 'code' | 'message' | 'state' | 'details'>): Trouble {
  const { code, message, state, details } = error;
  return { code, message, state, details };
}
