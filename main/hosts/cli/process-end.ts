import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';

/** How long devices may take to be let go of once a command has printed its last line. */
const releaseTimeoutMs = 1_000;

/**
 * Waits for what a command has open to be closed, but not for long: nothing is written to a board any more, and a
 * driver that waits for a device which takes no bytes would hold the process for half a minute. Never rejects.
 */
export async function released(closing: readonly PromiseLike<unknown>[]): Promise<void> {
  const enough = new AbortController();
  const late = sleep(releaseTimeoutMs, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([Promise.allSettled(closing), late]);
  enough.abort();
}

/** Whoever reads may stop reading, as `head` does, and a terminal may be closed: no reason to stop inside a write. */
export function survivesClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!isClosedStream(error)) throw error;
    });
  }
}

let isInputWatched = false;

/** Standard input of a terminal that was closed fails; the signal that comes with it says what to do. */
export function survivesClosedInput(): void {
  if (isInputWatched) return;
  isInputWatched = true;
  process.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (!isClosedStream(error)) throw error;
  });
}

/** EPIPE: a pipe without a reader. EIO, ENXIO, ENOTCONN: a terminal that is gone. */
function isClosedStream({ code }: NodeJS.ErrnoException): boolean {
  return code !== undefined && ['EPIPE', 'EIO', 'ENXIO', 'ENOTCONN'].includes(code);
}

/** Which of standard input, output and error were a terminal when the program began. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/**
 * Ends the process once all that was printed has been handed over. Without it the process would end by itself only when
 * nothing is open any more, and a port that its driver does not let go of stays open.
 */
export async function endProcess(): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((stream) => handedOver(stream)));
  if (process.platform !== 'win32' && terminals.some((descriptor) => !isatty(descriptor))) {
    // Node.js aborts where it cannot set the terminal back to what it was (src/node.cc, `ResetStdio`); to end by the
    // signal is what a program does whose terminal was closed.
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
  process.exit();
}

function handedOver(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
