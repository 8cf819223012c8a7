import * as z from 'zod/mini';
import { imageParts } from '../../image/image-parts.ts';
import { boardFacts } from '../../history/board-facts.ts';
import { runCursor, runFilter } from '../../history/run-filter.ts';
import { runRecord } from '../../history/run-record.ts';
import { call, stream } from '../define.ts';

const runId = z.int().check(z.gte(1));

export const historyEntries = {
  /**
   * Runs that fit, the latest first, from place `offset` on. `total`, how many fit, is counted for the first page only.
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
  /** Rejects with `history/unknown-run`. */
  'history.get': call({ input: z.strictObject({ id: runId }), output: runRecord }),
  /** What there is to filter by. */
  'history.choices': call({
    input: z.null(),
    output: z.object({
      operators: z.array(z.string()),
      presetIds: z.array(z.string()),
      /** Names, or port paths where a slot has none. */
      slots: z.array(z.string()),
      /** The one that was used last first. */
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
   * What a board is, by UID, canbus_uuid or what a scanner reads off its label; null where no run has it. Rejects with
   * `uid/invalid`.
   */
  'history.what': call({
    input: z.strictObject({
      code: z.string().check(z.maxLength(300)),
      against: z.nullable(z.string().check(z.maxLength(200))),
    }),
    output: z.nullable(boardFacts),
  }),
  /** A part of a file with all runs that fit; the parts one after the other are the file. */
  'history.export': call({
    input: z.strictObject({
      filter: runFilter,
      format: z.enum(['csv', 'json']),
      after: z.nullable(runCursor),
    }),
    output: z.object({ text: z.string(), next: z.nullable(runCursor) }),
  }),
  /** A page for printing and keeping, whole in itself. */
  'history.report': call({
    input: z.strictObject({ filter: runFilter }),
    output: z.object({ html: z.string() }),
  }),
  /**
   * Puts a file with all runs that fit into a folder that the person chooses at the host; null where nothing was
   * chosen. For hosts with `choose-folder`; rejects with `file/…`.
   */
  'history.save': call({
    input: z.strictObject({ filter: runFilter, format: z.enum(['csv', 'json', 'report']) }),
    output: z.nullable(z.object({ path: z.string() })),
  }),
  /** As `history.save`, for labels that the window made. */
  'labels.save': call({
    input: z.strictObject({ base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)) }),
    output: z.nullable(z.object({ path: z.string() })),
  }),
  /** Runs that a crash or a power cut left without an end and that nobody has seen to. */
  'history.interrupted': call({ input: z.null(), output: z.array(runRecord) }),
  'history.acknowledge': call({ input: z.strictObject({ id: runId }), output: z.null() }),
  /** How many changes there were since the station began: at first, then whenever it is more. */
  'history.watch': stream({ input: z.null(), event: z.object({ changes: z.int(), session: z.string() }) }),
};
