import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { throwIfCancelled } from '../../app/cancelled.ts';
import { CanopusError, errorCodes, type ErrorCode, type ErrorDetails } from '../../app/errors.ts';

/** What a thread's program posts, once. */
export type ThreadReply =
  | { readonly done: unknown }
  | { readonly failed: { readonly code: string; readonly message: string; readonly details: ErrorDetails } };

interface ThreadOptions {
  /** Of the thread: no work may take longer. */
  readonly timeoutMs: number;
  /** Of its objects; buffers are not counted, their size is limited by the program itself. */
  readonly maxHeapMb: number;
  readonly signal?: AbortSignal | undefined;
  /** What is thrown if the thread took too long, needed too much memory, or crashed. */
  readonly refuse: (why: string) => CanopusError;
}

/**
 * Runs a program on `input` in a new thread, which is ended afterwards, whatever it still does. Meant for files of
 * others: what they cost is paid beside the thread that writes to boards. Throws what the program throws with a code,
 * `cancelled`, or what `refuse` makes.
 */
export async function runInThread(program: string, input: unknown, options: ThreadOptions): Promise<unknown> {
  const { timeoutMs, maxHeapMb, signal, refuse } = options;
  throwIfCancelled(signal);
  const thread = new Worker(program, {
    eval: true,
    workerData: input,
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    // Also throws what the thread itself did not catch, such as ERR_WORKER_OUT_OF_MEMORY.
    const [reply] = (await once(thread, 'message', {
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    })) as [ThreadReply];
    if ('done' in reply) return reply.done;
    const { code, message, details } = reply.failed;
    if (isErrorCode(code)) throw new CanopusError(code, message, details);
    throw refuse(message);
  } catch (error) {
    throwIfCancelled(signal);
    if (limit.aborted) throw refuse(`reading it took longer than ${timeoutMs / 1000} s`);
    if (error instanceof CanopusError) throw error;
    throw refuse(error instanceof Error ? error.message : String(error));
  } finally {
    await thread.terminate();
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code);
}
