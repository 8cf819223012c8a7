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

/** The code of what a promise rejects with. */
export async function codeOfRejection(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work;
  } catch (error) {
    return codeOfThrown(error);
  }
  return 'no error';
}
