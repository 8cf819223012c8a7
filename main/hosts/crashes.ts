import { setTimeout as sleep } from 'node:timers/promises';
import type { HostLog } from './host-log.ts';

type Watched = Pick<NodeJS.Process, 'on' | 'off'>;

/**
 * What nothing caught goes to the log, as an error with its stack. A rejection that nothing awaited is a mistake in one
 * place, and the boards that are being written go on. Returns what ends the listening.
 */
export function logCrashes(log: HostLog, from: Watched = process): () => void {
  const onException = (err: unknown): void =>
    log.error({ err }, 'an error that nothing caught: the program ends');
  const onRejection = (err: unknown): void => log.error({ err }, 'a failure that nothing awaited');
  from.on('uncaughtExceptionMonitor', onException);
  from.on('unhandledRejection', onRejection);
  return () => {
    from.off('uncaughtExceptionMonitor', onException);
    from.off('unhandledRejection', onRejection);
  };
}

interface EndOptions {
  /** Ends the work at its next safe point. */
  readonly end: (error: unknown) => Promise<void>;
  readonly exit: (code: number) => void;
  /** How long that may take. */
  readonly patienceMs: number;
  readonly from?: Watched;
}

/**
 * After an exception that nothing caught any state may be half changed (Node.js, process, "Warning: Using
 * 'uncaughtException' correctly"): the work ends at its next safe point, and the program with it. Returns what ends the
 * listening.
 */
export function endAfterCrash({ end, exit, patienceMs, from = process }: EndOptions): () => void {
  let isEnding = false;
  const onException = (error: unknown): void => {
    if (isEnding) return;
    isEnding = true;
    const closing = end(error).catch(() => undefined);
    void Promise.race([closing, sleep(patienceMs, undefined, { ref: false })]).then(() => exit(1));
  };
  from.on('uncaughtException', onException);
  return () => void from.off('uncaughtException', onException);
}
