import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { SharedWork } from '../../../main/firmware/shared-work.ts';
import { WorkSlots } from '../../../main/firmware/work-slots.ts';
import { codeOfRejection } from '../../error-code.ts';

/** A promise that is settled from outside. */
function gate<T>() {
  let open: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

describe('shared work', () => {
  it('is done once for all who want it at the same time', async () => {
    const shared = new SharedWork<number, string>();
    const { opened, open } = gate<number>();
    let runs = 0;
    const work = () => {
      runs++;
      return opened;
    };
    const results = Array.from({ length: 10 }, () => shared.join('key', {}, work));
    open(42);
    expect(await Promise.all(results)).toEqual(Array(10).fill(42));
    expect(runs).toBe(1);
    await shared.join('key', {}, work);
    expect(runs).toBe(2);
  });

  it('of different keys does not meet', async () => {
    const shared = new SharedWork<string, never>();
    const one = shared.join('a', {}, () => Promise.resolve('a'));
    const other = shared.join('b', {}, () => Promise.resolve('b'));
    expect(await Promise.all([one, other])).toEqual(['a', 'b']);
  });

  it('sends a late caller the earlier events, and everyone the later ones', async () => {
    const shared = new SharedWork<undefined, string>();
    const { opened, open } = gate<undefined>();
    const [early, late]: [string[], string[]] = [[], []];
    const first = shared.join('key', { onEvent: (event) => early.push(event) }, async (_signal, emit) => {
      emit('started');
      await opened;
      emit('ended');
      return undefined;
    });
    await expect.poll(() => early).toEqual(['started']);
    const second = shared.join('key', { onEvent: (event) => late.push(event) }, () =>
      Promise.resolve(undefined),
    );
    open(undefined);
    await Promise.all([first, second]);
    expect(early).toEqual(['started', 'ended']);
    expect(late).toEqual(['started', 'ended']);
  });

  it('goes on while anybody still wants it', async () => {
    const shared = new SharedWork<number, never>();
    const { opened, open } = gate<number>();
    let aborted = false;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return opened;
    };
    const leaving = new AbortController();
    const left = codeOfRejection(shared.join('key', { signal: leaving.signal }, work));
    const stays = shared.join('key', {}, work);
    leaving.abort();
    expect(await left).toBe('cancelled');
    expect(aborted).toBe(false);
    open(1);
    expect(await stays).toBe(1);
  });

  it('is cancelled when the last one has left, who waits for its clean-up', async () => {
    const shared = new SharedWork<number, never>();
    const cleanUp = gate<undefined>();
    const stopping = gate<undefined>();
    const work = (signal: AbortSignal) =>
      new Promise<number>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopping.open(undefined);
          void cleanUp.opened.then(() => reject(new CanopusError('cancelled', 'stopped')));
        });
      });
    const leaving = new AbortController();
    let isOver = false;
    const left = codeOfRejection(shared.join('key', { signal: leaving.signal }, work)).then((code) => {
      isOver = true;
      return code;
    });
    leaving.abort();
    await stopping.opened;
    // A caller that comes now gets new work, not the work that is being stopped.
    expect(await shared.join('key', {}, () => Promise.resolve(7))).toBe(7);
    expect(isOver).toBe(false);
    cleanUp.open(undefined);
    expect(await left).toBe('cancelled');
  });

  it('fails for everybody who wanted it, and is tried anew afterwards', async () => {
    const shared = new SharedWork<number, never>();
    const { opened, fail } = gate<number>();
    const results = [1, 2, 3].map(() => codeOfRejection(shared.join('key', {}, () => opened)));
    fail(new CanopusError('build/failed', 'no'));
    expect(await Promise.all(results)).toEqual(['build/failed', 'build/failed', 'build/failed']);
    expect(await shared.join('key', {}, () => Promise.resolve(1))).toBe(1);
  });
});

async function inSlot<T>(
  slots: WorkSlots,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  using _slot = await slots.take(signal);
  return await work();
}

describe('work slots', () => {
  it('let so many in at once, the others in order', async () => {
    const slots = new WorkSlots(2);
    const gates = [gate<number>(), gate<number>(), gate<number>(), gate<number>()];
    const started: number[] = [];
    const works = gates.map(({ opened }, index) =>
      inSlot(slots, undefined, () => {
        started.push(index);
        return opened;
      }),
    );
    await expect.poll(() => started).toEqual([0, 1]);
    gates[1]!.open(1);
    await expect.poll(() => started).toEqual([0, 1, 2]);
    gates[0]!.fail(new Error('no'));
    await expect(works[0]).rejects.toThrow('no');
    await expect.poll(() => started).toEqual([0, 1, 2, 3]);
    for (const { open } of gates) open(0);
    await Promise.allSettled(works);
  });

  it('can be given up waiting for, without losing a place', async () => {
    const slots = new WorkSlots(1);
    const { opened, open } = gate<undefined>();
    const first = inSlot(slots, undefined, () => opened);
    const abort = new AbortController();
    const second = codeOfRejection(inSlot(slots, abort.signal, () => Promise.resolve()));
    const third = inSlot(slots, undefined, () => Promise.resolve('in'));
    abort.abort();
    expect(await second).toBe('cancelled');
    open(undefined);
    await first;
    expect(await third).toBe('in');
    expect(await inSlot(slots, undefined, () => Promise.resolve('again'))).toBe('again');
  });
});
