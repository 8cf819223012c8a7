import { toCanopusError, type CanopusError } from '../../app/errors.ts';

/** One thing that is asked of the station from a panel: whether it is under way and how it failed last. */
export class Asking {
  isBusy = $state(false);
  error: CanopusError | null = $state.raw(null);

  /** Answers what `work` answers; null where it failed, with the failure kept to be shown. */
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
