/** Calls back with the signal's reason once it is aborted; the returned function ends the wait for that. */
export function onAbort(signal: AbortSignal | undefined, callback: (reason: Error) => void): () => void {
  if (signal === undefined) return () => undefined;
  const listener = (): void => callback(signal.reason as Error);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
