import { toCanopusError } from '../../app/errors.ts';

/** What is refused before a flasher starts has left the board as it was, and the error says so. */
export async function untouchedIfRefused<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw toCanopusError(error).withState('untouched');
  }
}
