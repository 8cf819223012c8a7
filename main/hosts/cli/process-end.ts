import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';

/** How long devices may take to close after a command has printed its last line. */
const releaseTimeoutMs = 1_000;

/**
 * Waits for a command's devices to be closed, but not for long: nothing is written to a board any more, and a driver
 * that waits for a device which accepts no bytes would hold the process for half a minute. Never throws.
 */
export async function released(closing: readonly PromiseLike<unknown>[]): Promise<void> {
  const enough = new AbortController();
  const late = sleep(releaseTimeoutMs, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([Promise.allSettled(closing), late]);
  enough.abort();
}

/**
 * Exits cleanly on EPIPE: a reader such as `head` may stop, and a terminal may be closed, but neither may stop a write.
 */
export function survivesClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!isClosedStream(error)) throw error;
    });
  }
}

let isInputWatched = false;

/** Standard input of a closed terminal fails; the signal that comes with it decides what to do. */
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

/** Which of standard input, output and error were a terminal when the program started. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/**
 * Ends the process once all output has been written. Otherwise the process would end only when nothing is open any
 * more, and a port that its driver does not release stays open.
 */
export async function endProcess(): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((stream) => handedOver(stream)));
  if (process.platform !== 'win32' && terminals.some((descriptor) => !isatty(descriptor))) {
    // Node.js aborts if it cannot restore the terminal (src/node.cc, `ResetStdio`); ending by the signal is what a
    // program does whose terminal was closed.
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
