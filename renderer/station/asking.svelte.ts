import { toCanopusError, type CanopusError } from '../../app/errors.ts';

/** One request of a panel to the station: whether it is running, and its last failure. */
export class Asking {
  isBusy = $state(false);
  error: CanopusError | null = $state.raw(null);

  /** Returns the result of `work`, or null if it failed; `error` then holds the failure. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    this.isBusy = true;
    this.error = null;
    try {
      return await work();
    } catch (error) {
      this.error = toCanopusError(error);
      return null;
    } finally {
      this.isBusy = false;
    }
  }
}
