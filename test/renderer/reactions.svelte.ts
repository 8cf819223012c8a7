import { flushSync } from 'svelte';

/** Runs `look` as a component would, again with every change of what it looked at. */
export function countRuns<T>(
  look: () => T,
): Disposable & { readonly runs: number; readonly last: T | undefined } {
  let runs = 0;
  let last: T | undefined;
  const stop = $effect.root(() => {
    $effect(() => {
      last = look();
      runs += 1;
    });
  });
  flushSync();
  return {
    get runs() {
      return runs;
    },
    get last() {
      return last;
    },
    [Symbol.dispose]: stop,
  };
}
