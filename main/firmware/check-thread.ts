import { parentPort, workerData } from 'node:worker_threads';
import { isCanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { ThreadReply } from '../files/run-in-thread.ts';
import { checkBundle } from './check-bundle.ts';

/** The work of the thread that reads files of others; its program is this file (`check-outside.ts`). */
export type CheckOrder =
  | {
      readonly order: 'bundle';
      readonly zip: Uint8Array;
      readonly name: string;
      readonly keys: readonly string[];
    }
  | { readonly order: 'image'; readonly image: Uint8Array };

async function work(order: CheckOrder): Promise<unknown> {
  return order.order === 'bundle'
    ? checkBundle(order.zip, order.name, order.keys)
    : inspectImage(order.image);
}

function post(reply: ThreadReply): void {
  parentPort?.postMessage(reply);
}

work(workerData as CheckOrder).then(
  (done) => post({ done }),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    const { code, details } = isCanopusError(error) ? error : { code: '', details: {} };
    post({ failed: { code, message, details } });
  },
);
