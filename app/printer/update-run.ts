import { throwIfCancelled } from '../cancelled.ts';
import { CanopusError, toCanopusError } from '../errors.ts';
import type { ChangeEvent } from '../pi/change-event.ts';
import type { ProofEvent } from '../pi/proof.ts';
import { withProgress, withState, type UpdateJournal } from './update-journal.ts';
import { writesLeft, type UpdateDirection, type UpdateWrite } from './update-order.ts';
import { standingWords } from './standing-words.ts';

/** What an update works with. Every method may throw; none leaves a promise behind. */
export interface UpdateWork {
  /** Keeps a copy on the station and on the Pi; when it resolves, both have it. */
  keep(journal: UpdateJournal): Promise<void>;
  /** Stops the printer's Klipper; starts it again when disposed of. Throws `pi/printing`, `printer/hot`, ... */
  hold(signal: AbortSignal): Promise<AsyncDisposable>;
  /** Writes one MCU; resolves when it is seen to run. Ends at a safe point when cancelled. */
  write(write: UpdateWrite, signal: AbortSignal): Promise<void>;
  /** Proves that every MCU runs what it should, with Klipper running. Throws `pi/…`, `printer/version-differs`. */
  prove(journal: UpdateJournal, signal: AbortSignal): AsyncGenerator<ProofEvent, void, void>;
}

export type UpdateEvent = ChangeEvent | ProofEvent | { readonly type: 'note'; readonly text: string };

export interface UpdateReport {
  readonly journal: UpdateJournal;
  /** MCUs that this run wrote. */
  readonly written: number;
}

/**
 * Goes on with an update, or back, from wherever its journal says that it is, and proves it. What is about to be written
 * is kept first, so that a cut at any moment can be resumed. The first failure ends it: bridges come last, so that what
 * was not reached yet stays as it was. Throws `printer/update-stopped`, `cancelled` between two MCUs, and as `prove` does.
 */
export async function* runUpdate(
  begun: UpdateJournal,
  direction: UpdateDirection,
  work: UpdateWork,
  signal: AbortSignal,
): AsyncGenerator<UpdateEvent, UpdateReport, void> {
  let journal = withState(begun, direction === 'forward' ? 'updating' : 'going-back');
  const writes = writesLeft(journal, direction);
  throwIfCancelled(signal);
  await work.keep(journal);
  const steps = writes.length;
  yield { type: 'pi-journal', id: journal.id, steps };
  if (steps > 0) {
    await using _hold = await work.hold(signal);
    for (const [index, write] of writes.entries()) {
      throwIfCancelled(signal);
      const { name, why: reason } = write.step;
      const step = { type: 'pi-step', index, steps, what: writeWords(write), reason } as const;
      journal = withProgress(journal, name, 'begun');
      await work.keep(journal);
      yield { ...step, outcome: 'started' };
      try {
        await work.write(write, signal);
      } catch (error) {
        throw stopped(journal, name, error);
      }
      journal = withProgress(journal, name, write.leaves);
      await work.keep(journal);
      yield { ...step, outcome: 'done' };
    }
  }
  yield* work.prove(journal, signal);
  journal = withState(journal, direction === 'forward' ? 'updated' : 'back');
  await work.keep(journal);
  return { journal, written: steps };
}

function writeWords({ step, image }: UpdateWrite): string {
  const version = image?.version ?? 'the host’s version';
  return `[${step.name}]: ${step.version ?? 'unknown'} -> ${version}`;
}

function stopped(journal: UpdateJournal, name: string, thrown: unknown): CanopusError {
  const error = toCanopusError(thrown);
  const standing = standingWords(journal);
  const message = `[${name}]: ${error.message.replace(/\.$/, '')}. ${standing}`;
  const code = error.code === 'cancelled' ? 'cancelled' : 'printer/update-stopped';
  const state = error.state === null ? {} : { state: error.state };
  return new CanopusError(code, message, { mcu: name, code: error.code }, { cause: error, ...state });
}
