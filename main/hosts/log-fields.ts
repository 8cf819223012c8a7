import { withoutSecrets } from '../../app/secret-shapes.ts';

/**
 * Fields of a log line are bounded, and free of what admits to something: what an error quotes may come from anywhere.
 * Code that logs passes no secret; this is for the text that comes with an error or a request.
 */

const maxLength = 400;
/** A stack is ours, and is why there is a log. */
const maxStackLength = 4_000;
const maxItems = 20;
const maxDepth = 4;

const secretNames =
  /pass(?:word|phrase|wd)?$|secret|token|cookie|authorization|api.?key|private.?key|^session$/i;

/** A text without secrets, of at most `limit` characters. */
export function logText(text: string, limit = maxLength): string {
  // Cut first, so that a huge text costs nothing; a secret that is cut in half still has its beginning.
  const cut = text.length > limit ? `${text.slice(0, limit)}… (${text.length} characters)` : text;
  return withoutSecrets(cut);
}

/** A value as it may stand in the log. */
export function logValue(value: unknown, name = '', depth = 0): unknown {
  if (value !== null && value !== undefined && secretNames.test(name)) return '…';
  if (typeof value === 'string') return logText(value, name === 'stack' ? maxStackLength : maxLength);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return '…';
  if (value instanceof Error) return logError(value, depth);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => logValue(item, name, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, maxItems)
      .map(([key, field]) => [logText(key, 80), logValue(field, key, depth + 1)]),
  );
}

function logError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...fields } = error;
  const inside = logValue(fields, '', depth) as Record<string, unknown>;
  return {
    type: name,
    message: logText(message),
    ...inside,
    // Its first lines repeat the message.
    stack: logText(stack?.replace(message, logText(message)) ?? '', maxStackLength),
    ...(cause === undefined ? {} : { cause: logValue(cause, 'cause', depth + 1) }),
  };
}
