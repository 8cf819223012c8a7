import { CanopusError } from '../../../app/errors.ts';

/** Does `work` with the first event of a stream of the contract that holds something as long as it is followed. */
export async function whileFollowed<E, T>(
  follow: (options: { signal: AbortSignal }) => AsyncGenerator<E, void, void>,
  work: (event: E, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const events = follow({ signal: stop.signal });
  try {
    const first = await events.next();
    if (first.done === true) throw new CanopusError('contract/disconnected', 'The station sent nothing.');
    return await work(first.value, stop.signal);
  } finally {
    stop.abort();
    await events.return().catch(() => undefined);
  }
}
