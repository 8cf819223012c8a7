import type { Plain } from '../plain.ts';
import * as z from 'zod/mini';

// Compiling a schema to a function needs eval, which the content security policy of the renderer forbids.
z.config({ jitless: true });

export type Schema = z.ZodMiniType;

/**
 * One question, one reply. Inputs are strict objects: an unknown field is refused. Outputs and events are not: whatever
 * a service returns beyond the contract is left out.
 */
export interface Call<I extends Schema = Schema, O extends Schema = Schema> {
  readonly kind: 'call';
  readonly input: I;
  readonly output: O;
}

/**
 * One question, many events. Without `replay` the first event stands for everything before it, so a client that lost
 * its link simply asks again. With `replay` the handler numbers its events and a client that lost its link continues
 * after the last number it saw.
 */
export interface Stream<I extends Schema = Schema, E extends Schema = Schema, R extends boolean = boolean> {
  readonly kind: 'stream';
  readonly input: I;
  readonly event: E;
  readonly replay: R;
}

/** Everything one side may ask of the other, by name. */
export type Contract = Readonly<Record<string, Call | Stream>>;

export function call<I extends Schema, O extends Schema>(spec: { input: I; output: O }): Call<I, O> {
  return { kind: 'call', ...spec };
}

export function stream<I extends Schema, E extends Schema>(spec: {
  input: I;
  event: E;
}): Stream<I, E, false> {
  return { kind: 'stream', replay: false, ...spec };
}

export function replayStream<I extends Schema, E extends Schema>(spec: {
  input: I;
  event: E;
}): Stream<I, E, true> {
  return { kind: 'stream', replay: true, ...spec };
}

export type CallName<C extends Contract> = {
  [N in keyof C]: C[N] extends Call ? N : never;
}[keyof C] &
  string;

export type StreamName<C extends Contract> = {
  [N in keyof C]: C[N] extends Stream ? N : never;
}[keyof C] &
  string;

export type InputOf<C extends Contract, N extends keyof C> = Plain<z.input<C[N]['input']>>;

export type OutputOf<C extends Contract, N extends keyof C> =
  C[N] extends Call<Schema, infer O> ? Plain<z.output<O>> : never;

export type EventOf<C extends Contract, N extends keyof C> =
  C[N] extends Stream<Schema, infer E> ? Plain<z.output<E>> : never;

export interface CallContext {
  /** Aborted when the client stops asking or its link is gone. */
  readonly signal: AbortSignal;
}

export interface ReplayContext extends CallContext {
  /** The last number the client has seen; 0 from the beginning. */
  readonly after: number;
}

/** A numbered event of a `replay` stream: numbers start at 1 and only grow. */
export interface Numbered<E> {
  readonly seq: number;
  readonly event: E;
}

/** A handler whose call has nothing to return need not spell it. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- What a function returns is all that it is for.
type Returned<T> = [T] extends [null] ? null | void : T;

/** The handler of each entry; a missing one does not compile. */
export type Handlers<C extends Contract> = {
  readonly [N in keyof C]: C[N] extends Call<infer I, infer O>
    ? (
        input: Plain<z.output<I>>,
        context: CallContext,
      ) => Returned<Plain<z.input<O>>> | Promise<Returned<Plain<z.input<O>>>>
    : C[N] extends Stream<infer I, infer E, infer R>
      ? R extends true
        ? (input: Plain<z.output<I>>, context: ReplayContext) => AsyncIterable<Numbered<Plain<z.input<E>>>>
        : (input: Plain<z.output<I>>, context: CallContext) => AsyncIterable<Plain<z.input<E>>>
      : never;
};
