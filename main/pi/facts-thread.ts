import { parentPort, workerData } from 'node:worker_threads';
import { isCanopusError } from '../../app/errors.ts';
import { factsWorks, type FactsWorks } from '../../app/pi/facts-work.ts';
import type { ThreadReply } from '../files/run-in-thread.ts';

/** The work of the thread that reads what a Pi sent; its program is this file (`threaded-work.ts`). */
export interface FactsOrder {
  readonly name: keyof FactsWorks;
  readonly input: unknown;
}

function replyTo({ name, input }: FactsOrder): ThreadReply {
  try {
    return { done: (factsWorks[name] as (given: unknown) => unknown)(input) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const { code, details } = isCanopusError(error) ? error : { code: '', details: {} };
    return { failed: { code, message, details } };
  }
}

parentPort?.postMessage(replyTo(workerData as FactsOrder));
