import { LiveTable, type TableEvent } from '../../../app/contract/live-table.ts';
import type { PiAnswer, PiQuestion } from '../../../app/contract/station-contract.ts';

type Open = PiQuestion extends infer Q ? (Q extends PiQuestion ? Omit<Q, 'id'> : never) : never;

const no: PiAnswer = { kind: 'no' };

/** The open questions for people at windows. The first reply counts; it goes to the asker and is not stored here. */
export class PiQuestions {
  readonly #table = new LiveTable<PiQuestion>();
  readonly #waiting = new Map<string, (answer: PiAnswer) => void>();
  #count = 0;

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<PiQuestion>, void, void> {
    return this.#table.follow(signal);
  }

  /** Waits for a person; an abort means no. */
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

  /** False if the question is no longer open. */
  answer(id: string, answer: PiAnswer): boolean {
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) return false;
    this.#waiting.delete(id);
    this.#table.delete(id);
    resolve(answer);
    return true;
  }
}
