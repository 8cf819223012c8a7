import { toCanopusError } from '../../app/errors.ts';

/** A refusal before a flasher starts leaves the board unchanged, and the error says so. */
export async function untouchedIfRefused<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw toCanopusError(error).withState('untouched');
  }
}
