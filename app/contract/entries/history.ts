import * as z from 'zod/mini';
import { imageParts } from '../../image/image-parts.ts';
import { boardFacts } from '../../history/board-facts.ts';
import { runCursor, runFilter } from '../../history/run-filter.ts';
import { runRecord } from '../../history/run-record.ts';
import { call, stream } from '../define.ts';

const runId = z.int().check(z.gte(1));

export const historyEntries = {
  /**
   * Matching runs, newest first, from place `offset` on. `total`, how many match, is counted for the first page only.
   */
  'history.page': call({
    input: z.strictObject({
      filter: runFilter,
      limit: z.int().check(z.gte(1), z.lte(200)),
      offset: z.int().check(z.gte(0)),
    }),
    output: z.object({
      runs: z.array(runRecord),
      total: z.nullable(z.int()),
    }),
  }),
  /** Throws `history/unknown-run`. */
  'history.get': call({ input: z.strictObject({ id: runId }), output: runRecord }),
  /** The values to filter by. */
  'history.choices': call({
    input: z.null(),
    output: z.object({
      operators: z.array(z.string()),
      presetIds: z.array(z.string()),
      /** Names, or port paths for slots without one. */
      slots: z.array(z.string()),
      /** Last used first. */
      images: z.array(
        z.object({
          sha256: z.string(),
          part: z.enum(imageParts),
          version: z.nullable(z.string()),
          name: z.string(),
        }),
      ),
    }),
  }),
  /**
   * What is known about a board, by UID, canbus_uuid or a scan of its label; null if no run has it. Throws
   * `uid/invalid`.
   */
  'history.what': call({
    input: z.strictObject({
      code: z.string().check(z.maxLength(300)),
      against: z.nullable(z.string().check(z.maxLength(200))),
    }),
    output: z.nullable(boardFacts),
  }),
  /** A part of a file with all matching runs; the parts in order make the file. */
  'history.export': call({
    input: z.strictObject({
      filter: runFilter,
      format: z.enum(['csv', 'json']),
      after: z.nullable(runCursor),
    }),
    output: z.object({ text: z.string(), next: z.nullable(runCursor) }),
  }),
  /** A self-contained page to print and keep. */
  'history.report': call({
    input: z.strictObject({ filter: runFilter }),
    output: z.object({ html: z.string() }),
  }),
  /**
   * Saves a file with all matching runs in a folder that the person chooses at the host; null if none was chosen. For
   * hosts with `choose-folder`; throws `file/…`.
   */
  'history.save': call({
    input: z.strictObject({ filter: runFilter, format: z.enum(['csv', 'json', 'report']) }),
    output: z.nullable(z.object({ path: z.string() })),
  }),
  /** Interrupted runs, by a crash or a power cut, that no person has acknowledged. */
  'history.interrupted': call({ input: z.null(), output: z.array(runRecord) }),
  'history.acknowledge': call({ input: z.strictObject({ id: runId }), output: z.null() }),
  /** How many changes there were since the station started: the number now, then after each change. */
  'history.watch': stream({ input: z.null(), event: z.object({ changes: z.int(), session: z.string() }) }),
};
