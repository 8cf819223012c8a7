import { isCanopusError } from '../app/errors.ts';
import type { ErrorCode } from '../app/errors.ts';

export type Outcome = ErrorCode | 'no error' | 'foreign error';

function codeOfThrown(error: unknown): Outcome {
  return isCanopusError(error) ? error.code : 'foreign error';
}

/** The code of what `work` throws. */
export function codeOf(work: () => unknown): Outcome {
  try {
    work();
  } catch (error) {
    return codeOfThrown(error);
  }
  return 'no error';
}

/** The code that a promise or a function throws, at once or later. */
export async function codeOfRejection(work: Promise<unknown> | (() => unknown)): Promise<Outcome> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return codeOfThrown(error);
  }
  return 'no error';
}
