import { setTimeout as sleep } from 'node:timers/promises';
import type { HostLog } from './host-log.ts';

interface CrashOptions {
  readonly log: HostLog;
  /** Ends the station at its next safe point. */
  readonly end: () => Promise<void>;
  readonly exit: (code: number) => void;
  /** How long that may take. */
  readonly patienceMs: number;
  /** Only in tests another one. */
  readonly from?: Pick<NodeJS.Process, 'on' | 'off'>;
}

/**
 * What nothing caught goes to the log, as an error with its stack. A rejection that nothing awaited is a mistake in one
 * place, and the boards that are being written go on. After an exception that nothing caught any state may be
 * half changed (Node.js, process, "Warning: Using 'uncaughtException' correctly"): the work ends at its next safe point,
 * and the program with it. Returns what ends the listening.
 */
export function followCrashes({ log, end, exit, patienceMs, from = process }: CrashOptions): () => void {
  let isEnding = false;
  const onException = (err: unknown): void => {
    log.error({ err }, 'an error that nothing caught: the program ends');
    if (isEnding) return;
    isEnding = true;
    const closing = end().catch((failure: unknown) => log.error({ err: failure }, 'the end did not go well'));
    void Promise.race([closing, sleep(patienceMs, undefined, { ref: false })]).then(() => exit(1));
  };
  const onRejection = (err: unknown): void => log.error({ err }, 'a failure that nothing awaited');
  from.on('uncaughtException', onException);
  from.on('unhandledRejection', onRejection);
  return () => {
    from.off('uncaughtException', onException);
    from.off('unhandledRejection', onRejection);
  };
}
