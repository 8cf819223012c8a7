import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { confirmationsSchema, noConfirmations } from '../../boards/confirmations.ts';
import { errorCodes, leftStates } from '../../errors.ts';
import { flowPiSteps, flowStages, type FlowPi, type FlowState } from '../../flow/flow-state.ts';
import { call, describes, stream } from '../define.ts';
import { table } from '../table.ts';
import { errorDetails } from '../../errors/wire-error.ts';
import { runnableImageKeys } from './images.ts';
import { changeIdSchema } from '../../pi/journal.ts';
import { piGoalSchema } from '../../pi/plan-types.ts';
import { proofEventSchema } from '../../pi/proof.ts';
import { piId, piPlanId } from './pi.ts';
import { boardChoice } from './presets.ts';

export const flowId = z.string().check(z.regex(/^[0-9a-z-]{1,64}$/));
const stage = z.enum(flowStages);

const flowPi = describes<FlowPi>()(
  z.object({
    piId: z.string(),
    name: z.string(),
    step: z.enum(flowPiSteps),
    jobId: z.nullable(z.string()),
    goal: z.nullable(piGoalSchema),
    confirmedIdle: z.boolean(),
    proofs: z.array(proofEventSchema),
  }),
);

export const flow = describes<FlowState>()(
  z.object({
    id: flowId,
    startedAt: z.string(),
    stage,
    board: z.nullable(
      z.object({
        presetId: z.string(),
        variantId: z.string(),
        name: z.string(),
        mcu: z.string(),
        crystalHz: z.number(),
        confirms: z.array(z.string()),
      }),
    ),
    images: z.nullable(runnableImageKeys),
    // Earlier versions had no search.
    crystalHz: z._default(z.nullable(z.int()), null),
    isConfirmed: z.boolean(),
    // Also reads files of versions that asked for none.
    confirmations: z._default(confirmationsSchema, noConfirmations),
    // Earlier versions took no backups.
    isBackupWanted: z._default(z.boolean(), false),
    backupId: z._default(z.nullable(z.string()), null),
    place: z.nullable(placeId),
    boardId: z._default(z.nullable(z.string()), null),
    placesBefore: z.nullable(z.array(placeId)),
    waitingSince: z.nullable(z.string()),
    jobId: z.nullable(z.string()),
    uid: z.nullable(z.string()),
    canbusUuid: z.nullable(z.string()),
    // Also reads files of versions without Pis.
    pi: z._default(z.nullable(flowPi), null),
    trouble: z.nullable(
      z.object({
        code: z.enum(errorCodes),
        message: z.string(),
        state: z.nullable(z.enum(leftStates)),
        details: z.optional(errorDetails),
      }),
    ),
  }),
);

export const flowEntries = {
  'flows.watch': stream({
    input: z.null(),
    event: table(flow),
  }),
  /** Starts the flow of one board; with a port, for the board that is there. */
  'flows.start': call({
    input: z.strictObject({ place: z.nullable(placeId) }),
    output: z.object({ id: flowId }),
  }),
  /** Sends a person's choice to a flow. Throws `flow/unknown`, `preset/unknown` and `pi/…`. */
  'flows.choose': call({
    input: z.strictObject({
      id: flowId,
      choice: z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('choose-board'), board: boardChoice }),
        z.strictObject({
          type: z.literal('choose-images'),
          images: runnableImageKeys,
          crystalHz: z.optional(z.nullable(z.int())),
        }),
        z.strictObject({ type: z.literal('confirm') }),
        z.strictObject({ type: z.literal('choose-port'), place: placeId }),
        z.strictObject({ type: z.literal('choose-backup'), isWanted: z.boolean() }),
        z.strictObject({ type: z.literal('back'), stage }),
        z.strictObject({ type: z.literal('retry') }),
        /** Begins the search that the job offers, or another try with it. */
        z.strictObject({ type: z.literal('find-crystal') }),
        /** The reply to `chip/marking-needed` or `image/crystal-unknown`; the flow continues with it. */
        z.strictObject({ type: z.literal('vouch'), confirmations: confirmationsSchema }),
        z.strictObject({ type: z.literal('choose-pi'), piId }),
        z.strictObject({ type: z.literal('leave-pi') }),
        z.strictObject({ type: z.literal('apply-pi'), planId: piPlanId, confirmedIdle: z.boolean() }),
        z.strictObject({ type: z.literal('prove-pi'), goal: piGoalSchema, confirmedIdle: z.boolean() }),
        z.strictObject({
          type: z.literal('settle-pi'),
          undo: z.nullable(changeIdSchema),
          confirmedIdle: z.boolean(),
        }),
        z.strictObject({ type: z.literal('skip-pi') }),
      ]),
    }),
    output: z.null(),
  }),
  /** Ends a flow and cancels its work. */
  'flows.remove': call({ input: z.strictObject({ id: flowId }), output: z.null() }),
};
