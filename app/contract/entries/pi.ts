import * as z from 'zod/mini';
import { call, stream } from '../define.ts';
import { table } from '../table.ts';
import { changeViewSchema, undoFileViewSchema } from '../../pi/change-view.ts';
import { canActions, canNowReportSchema } from '../../pi/can-now.ts';
import { piCheckSchema } from '../../pi/check.ts';
import { changeIdSchema } from '../../pi/journal.ts';
import { nearbyPiSchema } from '../../pi/nearby.ts';
import { piGoalSchema, piWishesSchema } from '../../pi/plan-types.ts';
import { planViewSchema } from '../../pi/plan-view.ts';
import { confirmedIdleSchema } from '../../pi/printer-ref.ts';
import { bridgeResets } from '../../pi/proof.ts';
import { factsSummarySchema } from '../../pi/summary.ts';
import { wireError } from '../../errors/wire-error.ts';
import { bitrateSchema, idSchema, interfaceNameSchema, txQueueSchema } from '../../units.ts';
import { jobId } from './jobs.ts';

export const piId = idSchema;

const name = z.string().check(z.minLength(1), z.maxLength(100));

/** A Pi that the station can reach. Never holds a secret. */
const piView = z.object({
  id: piId,
  name: z.string(),
  host: z.string(),
  user: z.nullable(z.string()),
  port: z.nullable(z.int()),
  keyFile: z.nullable(z.string()),
  /** The Pi of the virtual bench; cannot be changed or removed. */
  isVirtual: z.boolean(),
  status: z.enum(['away', 'connecting', 'connected', 'refused']),
  /** Why it is `refused`, or was lost. */
  error: z.nullable(wireError),
});

/** The logged-in Pi, one that the station knows or a command reaches; null for any other. */
const askedOf = z.nullable(z.string());

/** A question that a login or a change must ask a person. */
const piQuestion = z.discriminatedUnion('kind', [
  /** An unknown server. */
  z.object({
    id: z.string(),
    piId: askedOf,
    kind: z.literal('host-key'),
    host: z.string(),
    keyType: z.string(),
    fingerprint: z.string(),
  }),
  z.object({
    id: z.string(),
    piId: askedOf,
    kind: z.enum(['password', 'passphrase', 'sudo-password', 'moonraker-key']),
    /** The user, key file or Pi that it is about. */
    subject: z.string(),
    /** From 1; more than 1 means that the previous reply was wrong. */
    attempt: z.int(),
    keeps: z.enum(['os', 'session']),
  }),
  /** Consent to do something as root there; `trust` is a yes. */
  z.object({
    id: z.string(),
    piId: askedOf,
    kind: z.literal('root'),
    /** The Pi. */
    subject: z.string(),
    /** Continues "Canopus wants to ... as root". */
    purpose: z.string(),
  }),
  /** What the server of a Pi asks besides: a one-time code, a new password. Never kept. */
  z.object({
    id: z.string(),
    piId: askedOf,
    kind: z.literal('prompt'),
    /** The login. */
    subject: z.string(),
    /** What the server says before it asks; empty for nothing. */
    instructions: z.string(),
    prompt: z.string(),
    /** What is entered must not be shown. */
    isHidden: z.boolean(),
  }),
]);

export const piPlanId = idSchema;

/** A plan for display; `planId` applies exactly this one. */
export const piPlan = z.extend(planViewSchema, { planId: piPlanId });

const byId = z.strictObject({ id: piId });

export const piEntries = {
  'pi.watch': stream({
    input: z.null(),
    event: table(piView),
  }),
  /**
   * Computers that say on this network that they may be a printer's Pi. They are asked by multicast DNS as long as this is
   * followed; nothing is scanned. On a virtual bench only the virtual Pi.
   */
  'pi.nearby': stream({ input: z.null(), event: table(nearbyPiSchema) }),
  /** The open questions; one with a reply, from whichever window, is gone. */
  'pi.questions': stream({
    input: z.null(),
    event: table(piQuestion),
  }),
  /** Replies to one question. False if the question is no longer open. */
  'pi.answer': call({
    input: z.strictObject({
      id: z.string().check(z.maxLength(64)),
      answer: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('trust') }),
        z.strictObject({
          kind: z.literal('secret'),
          secret: z.string().check(z.maxLength(1000)),
          keep: z.boolean(),
        }),
        z.strictObject({ kind: z.literal('no') }),
      ]),
    }),
    output: z.boolean(),
  }),
  /** Stores how to reach a Pi, a new one if `id` is null. Throws `usage/invalid` and `pi/unknown`. */
  'pi.save': call({
    input: z.strictObject({
      id: z.nullable(piId),
      name: z.nullable(name),
      /** `[USER@]HOST[:PORT]`; names in ~/.ssh/config count. */
      target: z.string().check(z.minLength(1), z.maxLength(300)),
      keyFile: z.nullable(z.string().check(z.minLength(1), z.maxLength(1000))),
    }),
    output: byId,
  }),
  /** Forgets a Pi, and its stored secrets. */
  'pi.remove': call({ input: byId, output: z.null() }),
  /**
   * Makes a Pi known as long as this is followed, without storing it: one event, its id. A stored Pi with this target
   * has its own id. Throws `usage/invalid`.
   */
  'pi.reach': stream({
    input: z.strictObject({
      target: z.string().check(z.minLength(1), z.maxLength(300)),
      /** On the station's computer; tried before the agent and the usual ones. */
      keyFiles: z.array(z.string().check(z.minLength(1), z.maxLength(1000))).check(z.maxLength(20)),
    }),
    event: z.strictObject({ id: piId }),
  }),
  /**
   * Forgets the host keys that the station itself holds of `[USER@]HOST[:PORT]`, because that Pi was set up again. The
   * user's own known_hosts files are never written. Throws `usage/invalid`, `ssh/config-…`, `file/…`.
   */
  'pi.forgetKey': call({
    input: z.strictObject({ target: z.string().check(z.minLength(1), z.maxLength(300)) }),
    output: z.object({ forgotten: z.array(z.object({ keyType: z.string(), fingerprint: z.string() })) }),
  }),
  /** Starts a login; `pi.watch` shows its progress, `pi.questions` its questions. */
  'pi.connect': call({ input: byId, output: z.null() }),
  /** Logs out, or cancels a login. */
  'pi.disconnect': call({ input: byId, output: z.null() }),
  /**
   * Follows what is plugged into a Pi: as long as this is followed, or work runs there, its boards are in `boards.watch`
   * at places of that Pi. One event, when those that are there now are known. Throws `ssh/…`, `shell/…`, `reach/…`.
   */
  'pi.boards': stream({ input: byId, event: z.strictObject({ ready: z.literal(true) }) }),
  /** Collects all facts and changes nothing. Logs in if necessary. Throws `ssh/…`, `shell/…`, `pi/…`. */
  'pi.look': call({
    input: z.strictObject({ id: piId, interfaceName: interfaceNameSchema }),
    output: z.object({ facts: factsSummarySchema, changes: z.array(changeViewSchema) }),
  }),
  /** What would have to change to fulfil the wishes; no steps if nothing is left to do. */
  'pi.plan': call({ input: z.strictObject({ id: piId, wishes: piWishesSchema }), output: piPlan }),
  /** Applies a plan that was shown, and only that one. Throws `pi/plan-unknown`. */
  'pi.apply': call({
    input: z.strictObject({ id: piId, planId: piPlanId, confirmedIdle: confirmedIdleSchema }),
    output: z.object({ jobId }),
  }),
  /** Finishes the unfinished change. */
  'pi.resume': call({
    input: z.strictObject({ id: piId, confirmedIdle: confirmedIdleSchema }),
    output: z.object({ jobId }),
  }),
  /** The current state of a change's files, and what undoing it would make of them. Throws `pi/no-journal`. */
  'pi.change': call({
    input: z.strictObject({ id: piId, changeId: changeIdSchema }),
    output: z.array(undoFileViewSchema),
  }),
  /** Undoes a change. With `force` even if a file was edited since: that edit is lost. */
  'pi.undo': call({
    input: z.strictObject({
      id: piId,
      changeId: changeIdSchema,
      force: z.boolean(),
      confirmedIdle: confirmedIdleSchema,
    }),
    output: z.object({ jobId }),
  }),
  /** Checks that the interface is up as wished and returns after a reset, and that Klipper is ready with its boards. */
  'pi.prove': call({
    input: z.strictObject({
      id: piId,
      goal: piGoalSchema,
      reset: z.enum(bridgeResets),
      confirmedIdle: confirmedIdleSchema,
    }),
    output: z.object({ jobId }),
  }),
  /**
   * Brings an interface up or down now, or back to what it was; nothing that configures it is changed. Throws
   * `pi/printing`, `pi/rate-compiled-in`, `pi/nothing-to-restore`, ...
   */
  'pi.can': call({
    input: z.strictObject({
      id: piId,
      interfaceName: interfaceNameSchema,
      action: z.enum(canActions),
      /** For `up`; null for the one that it has, or else the usual one. */
      bitrateBps: z.nullable(bitrateSchema),
      usualBitrateBps: bitrateSchema,
      txQueueLength: txQueueSchema,
      confirmedIdle: confirmedIdleSchema,
    }),
    output: canNowReportSchema,
  }),
  'pi.doctor': call({
    input: z.strictObject({ id: piId, wishes: piWishesSchema }),
    output: z.array(piCheckSchema),
  }),
};
