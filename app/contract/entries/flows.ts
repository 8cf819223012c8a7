import * as z from 'zod/mini';
import { cardSchema } from '../../cards/card.ts';
import { confirmationsSchema } from '../../boards/confirmations.ts';
import { flowStages, flowStateSchema } from '../../flow/flow-state.ts';
import { flowWishesSchema } from '../../flow/flow-wishes.ts';
import { runnableImageKeysSchema } from '../../image/image-parts.ts';
import { changeIdSchema } from '../../pi/journal.ts';
import { confirmedIdleSchema } from '../../pi/printer-ref.ts';
import { placeId } from '../../place.ts';
import { idSchema } from '../../units.ts';
import { call, stream } from '../define.ts';
import { table } from '../table.ts';
import { imageKey } from './images.ts';
import { piId, piPlan, piPlanId } from './pi.ts';
import { boardChoice } from './presets.ts';

export const flowEntries = {
  'flows.watch': stream({
    input: z.null(),
    event: table(flowStateSchema),
  }),
  /** Starts the flow of one board; with a port, for the board that is there. */
  'flows.start': call({
    input: z.strictObject({ place: z.nullable(placeId) }),
    output: z.object({ id: idSchema }),
  }),
  /** Sends a person's choice to a flow. Throws `flow/unknown`, `preset/unknown` and `pi/…`. */
  'flows.choose': call({
    input: z.strictObject({
      id: idSchema,
      choice: z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('choose-printer'), piId }),
        z.strictObject({ type: z.literal('no-printer') }),
        /** With a place: it is the board there, which is written as soon as everything is chosen. */
        z.strictObject({
          type: z.literal('choose-board'),
          board: boardChoice,
          place: z.optional(z.nullable(placeId)),
        }),
        z.strictObject({
          type: z.literal('choose-images'),
          images: runnableImageKeysSchema,
          crystalHz: z.optional(z.nullable(z.int())),
        }),
        z.strictObject({ type: z.literal('confirm') }),
        /** By an SD card instead of DFU. Throws `card/not-for-board`. */
        z.strictObject({ type: z.literal('choose-card') }),
        z.strictObject({ type: z.literal('write-card'), card: cardSchema.shape.id, image: imageKey }),
        z.strictObject({ type: z.literal('choose-port'), place: placeId }),
        /** Writes Klipper to a node that has its Katapult, at its place behind a bridge. */
        z.strictObject({ type: z.literal('choose-node'), place: placeId }),
        z.strictObject({ type: z.literal('choose-backup'), isWanted: z.boolean() }),
        z.strictObject({ type: z.literal('back'), stage: z.enum(flowStages) }),
        z.strictObject({ type: z.literal('retry') }),
        /** Begins the search that the job offers, or another try with it. */
        z.strictObject({ type: z.literal('find-crystal') }),
        /** The reply to `chip/marking-needed` or `image/crystal-unknown`; the flow continues with it. */
        z.strictObject({ type: z.literal('vouch'), confirmations: confirmationsSchema }),
        z.strictObject({ type: z.literal('choose-pi'), piId }),
        z.strictObject({ type: z.literal('leave-pi') }),
        z.strictObject({ type: z.literal('apply-pi'), planId: piPlanId, confirmedIdle: confirmedIdleSchema }),
        z.strictObject({
          type: z.literal('prove-pi'),
          planId: piPlanId,
          confirmedIdle: confirmedIdleSchema,
        }),
        z.strictObject({
          type: z.literal('settle-pi'),
          undo: z.nullable(changeIdSchema),
          confirmedIdle: confirmedIdleSchema,
        }),
        z.strictObject({ type: z.literal('skip-pi') }),
      ]),
    }),
    output: z.null(),
  }),
  /**
   * As `pi.plan`, for the Pi and the board of a flow; apply it with `flows.choose`. Throws `flow/unknown`,
   * `usage/invalid` and as `pi.plan`.
   */
  'flows.planPi': call({
    input: z.strictObject({ id: idSchema, wishes: flowWishesSchema }),
    output: piPlan,
  }),
  /** Ends a flow and cancels its work. */
  'flows.remove': call({ input: z.strictObject({ id: idSchema }), output: z.null() }),
};
