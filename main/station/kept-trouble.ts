import { errorCodes } from '../../app/errors.ts';

const known = new Set<string>(errorCodes);

/**
 * A record parsed from a file; an error code of another version becomes `internal`: a renamed code must not cost the
 * record. The message stays.
 */
export function withKnownCodes(record: unknown): unknown {
  if (Array.isArray(record)) return record.map(withKnownCodes);
  if (typeof record !== 'object' || record === null) return record;
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      const isUnknownCode = name === 'code' && typeof value === 'string' && !known.has(value);
      return [name, isUnknownCode ? 'internal' : withKnownCodes(value)];
    }),
  );
}
