import * as z from 'zod/mini';
import { benchModes, benchRecipeSchema, recipeIdSchema } from '../../bench/bench-recipe.ts';
import {
  benchCountsSchema,
  benchSignalSchema,
  outcomeSchema,
  slotStateSchema,
} from '../../bench/bench-state.ts';
import { maxSlots, slotMapSchema } from '../../bench/slot-map.ts';
import { confirmationsSchema } from '../../boards/confirmations.ts';
import { runnableImageKeysSchema } from '../../image/image-parts.ts';
import { placeId } from '../../place.ts';
import { call, stream } from '../define.ts';
import { table } from '../table.ts';
import { boardChoice } from './presets.ts';

const target = z.nullable(z.int().check(z.gte(1), z.lte(100_000)));
const slots = z.array(placeId).check(z.maxLength(maxSlots));
const slotsMeant = z.nullable(slots);

const armOrder = z
  .strictObject({
    board: boardChoice,
    images: runnableImageKeysSchema,
    modes: z.array(z.enum(benchModes)).check(z.minLength(1), z.maxLength(benchModes.length)),
    target,
    /** The preset's hazards are dealt with, for every board of the batch. */
    confirmed: z.boolean(),
    /** Keep the old flash of each board before it is erased. */
    backup: z._default(z.boolean(), false),
    /** The crystal that the images are built for, if they do not state it: see `image/crystal-unknown`. */
    confirmedCrystalHz: z._default(confirmationsSchema.shape.crystalHz, null),
    /** The crystal of these boards, if it differs from the preset's. */
    crystalHz: z._default(z.nullable(z.int()), null),
  })
  .check(
    z.refine(({ images, modes: starts }) => images.bootloader !== null || !starts.includes('dfu'), {
      error: 'boards in DFU need a bootloader',
      path: ['images', 'bootloader'],
    }),
  );

export const benchEntries = {
  /** What the bench does with each slot: first all, then each change. */
  'bench.slots': stream({
    input: z.null(),
    event: table(z.extend(slotStateSchema, { id: z.string() })),
  }),
  /** The session, its recipes and the map of slots: now, then after each change. */
  'bench.session': stream({
    input: z.null(),
    event: z.object({
      startedAt: z.nullable(z.string()),
      recipes: z.array(z.object({ recipe: benchRecipeSchema, counts: benchCountsSchema })),
      counts: benchCountsSchema,
      signal: z.nullable(benchSignalSchema),
      map: slotMapSchema,
    }),
  }),
  /**
   * From now on boards that fit are done without a click, also those that are there already. Takes the slot of what
   * was armed for the same board. Throws `bench/not-confirmed` (the sentences are in `details`),
   * `bench/overlapping-recipes`, `image/…`, `cache/…`, `preset/unknown`.
   */
  'bench.arm': call({
    input: armOrder,
    output: z.object({ recipeId: recipeIdSchema }),
  }),
  /** The recipe that an order would arm, checked as `bench.arm` checks it; nothing is armed. */
  'bench.check': call({ input: armOrder, output: benchRecipeSchema }),
  /**
   * Only these slots take boards as long as this is followed: one event, once that is so. Of several limits all count.
   * What is armed at the end is disarmed first, so that a client that was killed leaves no bench that takes every board.
   */
  'bench.limit': stream({
    input: z.strictObject({ places: slots }),
    event: z.object({ places: slots }),
  }),
  /** What was done in this session, oldest first. */
  'bench.outcomes': call({ input: z.null(), output: z.array(outcomeSchema) }),
  /** One recipe, or all of them. A write in progress continues. */
  'bench.disarm': call({ input: z.strictObject({ recipeId: z.nullable(recipeIdSchema) }), output: z.null() }),
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
  'bench.arrange': call({ input: slotMapSchema, output: slotMapSchema }),
  /** Removes a slot from the map; it is back when a board is seen there again. */
  'bench.forgetSlot': call({ input: z.strictObject({ place: placeId }), output: z.null() }),
};
