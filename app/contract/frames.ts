import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { CanopusError } from '../errors.ts';
import { wireError, type WireError } from '../errors/wire-error.ts';

const count = z.int().check(z.gte(1));

/**
 * The five frames, as JSON texts, one frame per text.
 *
 * | frame | from | fields |
 * |---|---|---|
 * | `ask` | client | `id`, `name`, `input`, `credit`, `after`: opens; ids start at 1 and only grow |
 * | `ask` | client | `id`, `credit`: may send this many more events |
 * | `stop` | client | `id`: no longer interested |
 * | `next` | server | `id`, `seq`, `value`: an event; uses up one credit |
 * | `done` | server | `id`, `value`: the result of a call, null at the end of a stream |
 * | `fail` | server | `id`, `error` |
 *
 * Every opening `ask` is ended by exactly one `done` or `fail`, even after a `stop`.
 */
const clientFrame = z.union([
  z.strictObject({
    type: z.literal('ask'),
    id: count,
    name: z.string().check(z.maxLength(100)),
    input: z.unknown(),
    credit: z.int().check(z.gte(0)),
    after: z.int().check(z.gte(0)),
  }),
  z.strictObject({ type: z.literal('ask'), id: count, credit: count }),
  z.strictObject({ type: z.literal('stop'), id: count }),
]);

export type ClientFrame = Plain<z.infer<typeof clientFrame>>;

const serverFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('next'), id: count, seq: count, value: z.unknown() }),
  z.strictObject({ type: z.literal('done'), id: count, value: z.unknown() }),
  z.strictObject({ type: z.literal('fail'), id: count, error: wireError }),
]);

export type ServerFrame = Plain<z.infer<typeof serverFrame>>;

function parse<T>(schema: z.ZodMiniType<T>, text: string, who: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CanopusError(
      'contract/protocol',
      `The ${who} sent ${text.length} characters that are not JSON.`,
      {},
      { cause },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new CanopusError('contract/protocol', `The ${who} sent a frame of unknown shape.`, {
    characters: text.length,
  });
}

/** Throws `contract/protocol` if the text is not a frame of a client. */
export function parseClientFrame(text: string): ClientFrame {
  return parse(clientFrame, text, 'client');
}

/** Throws `contract/protocol` if the text is not a frame of a server. */
export function parseServerFrame(text: string): ServerFrame {
  return parse(serverFrame, text, 'server');
}

export function toWireError(error: CanopusError): WireError {
  const details: WireError['details'] = {};
  for (const [key, value] of Object.entries(error.details)) {
    details[key] = typeof value === 'object' && value !== null ? [...value] : value;
  }
  return { code: error.code, message: error.message, details, state: error.state };
}

/** Also takes read-only values that came over a contract. */
export function fromWireError(error: Plain<WireError>): CanopusError {
  return new CanopusError(
    error.code,
    error.message,
    error.details,
    error.state === null ? {} : { state: error.state },
  );
}
