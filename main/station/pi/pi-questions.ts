import { LiveTable, type TableEvent } from '../../../app/contract/live-table.ts';
import type { PiAnswer, PiQuestion } from '../../../app/contract/station-contract.ts';

type Open = PiQuestion extends infer Q ? (Q extends PiQuestion ? Omit<Q, 'id'> : never) : never;

const no: PiAnswer = { kind: 'no' };

/**
 * What is being asked of whoever looks at a window. The first answer counts; it goes to who asked and is kept
 * nowhere here.
 */
export class PiQuestions {
  readonly #table = new LiveTable<PiQuestion>();
  readonly #waiting = new Map<string, (answer: PiAnswer) => void>();
  #count = 0;

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<PiQuestion>, void, void> {
    return this.#table.follow(signal);
  }

  /** Waits for a person; when aborted the answer is no. */
  async ask(question: Open, signal: AbortSignal): Promise<PiAnswer> {
    if (signal.aborted) return no;
    this.#count += 1;
    const id = String(this.#count);
    const onAbort = (): void => void this.answer(id, no);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise<PiAnswer>((resolve) => {
        this.#waiting.set(id, resolve);
        this.#table.set({ ...question, id });
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** False where nobody asks that any more. */
  answer(id: string, answer: PiAnswer): boolean {
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) return false;
    this.#waiting.delete(id);
    this.#table.delete(id);
    resolve(answer);
    return true;
  }
}
