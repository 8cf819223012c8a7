import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { benchModes, type BenchRecipe } from '../../bench/bench-recipe.ts';
import {
  idleReasons,
  slotStages,
  type BenchCounts,
  type BenchSignal,
  type BenchState,
  type SlotState,
} from '../../bench/bench-state.ts';
import { maxColumns, maxNameLength, maxSlots, type SlotMap } from '../../bench/slot-map.ts';
import { errorCodes, leftStates } from '../../errors.ts';
import { call, describes, stream } from '../define.ts';
import { table } from '../table.ts';
import { confirmationsSchema } from '../../boards/confirmations.ts';
import { errorDetails } from '../../errors/wire-error.ts';
import { runnableImageKeys } from './images.ts';
import { jobId } from './jobs.ts';
import { boardChoice } from './presets.ts';

const errorCode = z.enum(errorCodes);
const modes = z.array(z.enum(benchModes));
const target = z.nullable(z.int().check(z.gte(1), z.lte(100_000)));
const recipeId = z.string().check(z.minLength(1), z.maxLength(300));

export const benchRecipe = describes<BenchRecipe>()(
  z.object({
    id: recipeId,
    board: z.object({ presetId: z.string(), variantId: z.string() }),
    name: z.string(),
    mcu: z.string(),
    // Also reads files of versions without it.
    markings: z._default(z.array(z.string()), []),
    flashBytes: z.nullable(z.int()),
    images: runnableImageKeys,
    klipper: z.object({ version: z.nullable(z.string()), sha256: z.nullable(z.string()) }),
    modes,
    target: z.nullable(z.int()),
    confirmedCrystalHz: z._default(confirmationsSchema.shape.crystalHz, null),
    // Earlier versions had no search.
    crystalHz: z._default(z.nullable(z.int()), null),
    backup: z._default(z.boolean(), false),
    isArmed: z.boolean(),
  }),
);

export const benchSlot = describes<SlotState>()(
  z.object({
    place: placeId,
    stage: z.enum(slotStages),
    why: z.nullable(z.enum(idleReasons)),
    boardId: z.nullable(z.string()),
    uid: z.nullable(z.string()),
    canbusUuid: z.nullable(z.string()),
    recipeId: z.nullable(z.string()),
    jobId: z.nullable(jobId),
    jobSince: z.nullable(z.string()),
    trouble: z.nullable(
      z.object({
        code: errorCode,
        message: z.string(),
        state: z.nullable(z.enum(leftStates)),
        details: z.optional(errorDetails),
      }),
    ),
    chipMarking: z._default(confirmationsSchema.shape.chipMarking, null),
    asked: z.nullable(z.object({ recipeId: z.nullable(z.string()), evenIfDone: z.boolean() })),
    movedTo: z.nullable(placeId),
    emptySince: z.nullable(z.string()),
  }),
);

const counts = describes<BenchCounts>()(
  z.object({ done: z.int(), failed: z.int(), running: z.int(), toDo: z.nullable(z.int()) }),
);

const signal = describes<BenchSignal>()(
  z.object({ number: z.int(), kind: z.enum(['done', 'failed', 'complete']), place: placeId }),
);

export const benchOutcome = z.object({
  place: placeId,
  uid: z.nullable(z.string()),
  recipeId: z.string(),
  result: z.enum(['done', 'failed']),
  at: z.string(),
  code: z.nullable(errorCode),
});

/** As it is kept in a file, too. */
export const benchState = describes<BenchState>()(
  z.object({
    startedAt: z.nullable(z.string()),
    recipes: z.array(benchRecipe),
    slots: z.array(benchSlot),
    outcomes: z.array(benchOutcome),
    signal: z.nullable(signal),
  }),
);

export const slotMap = describes<SlotMap>()(
  z.strictObject({
    columns: z.nullable(z.int().check(z.gte(1), z.lte(maxColumns))),
    slots: z
      .array(
        z.strictObject({
          place: placeId,
          name: z.nullable(z.string().check(z.maxLength(maxNameLength))),
          isIgnored: z.boolean(),
        }),
      )
      .check(z.maxLength(maxSlots)),
  }),
);

const slotsMeant = z.nullable(z.array(placeId).check(z.maxLength(maxSlots)));

export const benchEntries = {
  /** What the bench does with each slot: first all, then each change. */
  'bench.slots': stream({
    input: z.null(),
    event: table(z.extend(benchSlot, { id: z.string() })),
  }),
  /** The session, its recipes and the map of slots: now, then after each change. */
  'bench.session': stream({
    input: z.null(),
    event: z.object({
      startedAt: z.nullable(z.string()),
      recipes: z.array(z.object({ recipe: benchRecipe, counts })),
      counts,
      signal: z.nullable(signal),
      map: slotMap,
    }),
  }),
  /**
   * From now on boards that fit are done without a click, also those that are there already. Takes the slot of what
   * was armed for the same board. Rejects with `bench/not-confirmed` (the sentences are in `details`),
   * `bench/overlapping-recipes`, `image/…`, `cache/…`, `preset/unknown`.
   */
  'bench.arm': call({
    input: z
      .strictObject({
        board: boardChoice,
        images: runnableImageKeys,
        modes: modes.check(z.minLength(1), z.maxLength(benchModes.length)),
        target,
        /** The preset's hazards are dealt with, for every board of the batch. */
        confirmed: z.boolean(),
        /** The crystal that the images are built for, if they do not state it: see `image/crystal-unknown`. */
        /** Keep the old flash of each board before it is erased. */
        backup: z._default(z.boolean(), false),
        confirmedCrystalHz: z._default(confirmationsSchema.shape.crystalHz, null),
        /** The crystal of these boards, if it differs from the preset's. */
        crystalHz: z._default(z.nullable(z.int()), null),
      })
      .check(
        z.refine(({ images, modes: starts }) => images.bootloader !== null || !starts.includes('dfu'), {
          error: 'boards in DFU need a bootloader',
          path: ['images', 'bootloader'],
        }),
      ),
    output: z.object({ recipeId }),
  }),
  /** One recipe, or all of them. A write in progress continues. */
  'bench.disarm': call({ input: z.strictObject({ recipeId: z.nullable(recipeId) }), output: z.null() }),
  /** Retries slots that failed or were refused; null: all of them. */
  'bench.retry': call({ input: z.strictObject({ places: slotsMeant }), output: z.null() }),
  /**
   * The marking that a person read off the chip in this slot, which was refused with `chip/marking-needed`: the board
   * is checked again with it. Forgotten when the board is unplugged. Throws `chip/bad-marking`.
   */
  'bench.vouch': call({
    input: z.strictObject({
      place: placeId,
      chipMarking: z.string().check(z.minLength(1), z.maxLength(200)),
    }),
    output: z.null(),
  }),
  /** Flashes the finished board in this slot once more. */
  'bench.again': call({ input: z.strictObject({ place: placeId }), output: z.null() }),
  /** Asks the jobs of these slots, or of all, to end at their next safe point. */
  'bench.cancel': call({ input: z.strictObject({ places: slotsMeant }), output: z.null() }),
  /** Starts a new session; what is armed stays armed. */
  'bench.newSession': call({ input: z.null(), output: z.null() }),
  /** Order, names and ignored ports. Throws `bench/bad-map` and `file/…`. */
  'bench.arrange': call({ input: slotMap, output: slotMap }),
  /** Removes a slot from the map; it is back when a board is seen there again. */
  'bench.forgetSlot': call({ input: z.strictObject({ place: placeId }), output: z.null() }),
};
