import { CanopusError } from '../errors.ts';

type QueueItem<T> =
  { readonly type: 'event'; readonly value: T } | { readonly type: 'done' } | { readonly type: 'lost' };

/** Events between one producer and one consumer, in order; the end comes after the last event. */
export class EventQueue<T> {
  readonly #values: T[] = [];
  #end: { readonly type: 'done' } | { readonly type: 'lost' } | { readonly error: CanopusError } | null =
    null;
  #wake: (() => void) | null = null;

  push(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  end(type: 'done' | 'lost'): void {
    this.#end ??= { type };
    this.#wake?.();
  }

  fail(error: CanopusError): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The next event or the end; throws the failure, or `cancelled` after an abort. */
  async take(signal?: AbortSignal): Promise<QueueItem<T>> {
    for (;;) {
      if (signal?.aborted === true) throw new CanopusError('cancelled', 'The stream was stopped.');
      if (this.#values.length > 0) return { type: 'event', value: this.#values.shift() as T };
      if (this.#end !== null) {
        if ('error' in this.#end) throw this.#end.error;
        return this.#end;
      }
      await this.#change(signal);
    }
  }

  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = null;
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
