import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { endAfterCrash, logCrashes } from '../../../main/hosts/crashes.ts';

/** The part of a process that emits what nothing caught. */
const program = (): NodeJS.Process & EventEmitter => new EventEmitter() as NodeJS.Process & EventEmitter;

const emit = (from: EventEmitter, name: string, ...values: unknown[]): boolean => from.emit(name, ...values);

it('logs what nothing caught and what nothing awaited, until it is ended', () => {
  const logged: string[] = [];
  const write = (fields: object, message: string): void =>
    void logged.push(`${message}: ${(fields as { err: Error }).err.message}`);
  const from = program();
  const end = logCrashes({ info: write, warn: write, error: write }, from);
  emit(from, 'uncaughtExceptionMonitor', new Error('a'), 'uncaughtException');
  emit(from, 'unhandledRejection', new Error('b'), Promise.resolve());
  end();
  expect(emit(from, 'unhandledRejection', new Error('c'), Promise.resolve())).toBe(false);
  expect(logged).toEqual([
    'an error that nothing caught: the program ends: a',
    'a failure that nothing awaited: b',
  ]);
});

it('ends once after an exception, when the work has ended', async () => {
  const from = program();
  let finish: () => void = () => undefined;
  const ends: unknown[] = [];
  const code = new Promise<number>((exit) => {
    endAfterCrash({
      from,
      exit,
      patienceMs: 60_000,
      end: (error) => {
        ends.push(error);
        return new Promise((resolve) => (finish = resolve));
      },
    });
  });
  emit(from, 'uncaughtException', new Error('a'), 'uncaughtException');
  emit(from, 'uncaughtException', new Error('b'), 'uncaughtException');
  expect(ends).toHaveLength(1);
  finish();
  expect(await code).toBe(1);
});

it('ends after its time where the work does not', async () => {
  const from = program();
  const alive = setInterval(() => undefined, 1000);
  const code = new Promise<number>((exit) => {
    endAfterCrash({ from, exit, patienceMs: 1, end: () => new Promise(() => undefined) });
  });
  emit(from, 'uncaughtException', new Error('a'), 'uncaughtException');
  expect(await code).toBe(1);
  clearInterval(alive);
});
