import * as z from 'zod/mini';
import { bitrateSchema, canbusUuidSchema, interfaceNameSchema, txQueueSchema } from '../../units.ts';
import { errorCodes } from '../../errors.ts';
import type { PiPlan, PiWishes } from '../../pi/plan-types.ts';
import { proofNames, type ProofEvent } from '../../pi/proof.ts';
import { describes } from '../define.ts';

/** A section of printer.cfg: `mcu`, or `mcu NAME`. */
const section = z.string().check(z.regex(/^mcu( [A-Za-z0-9_-]{1,40})?$/));

const boards = z.array(z.strictObject({ section, canbusUuid: canbusUuidSchema }));

export const piWishes = describes<PiWishes>()(
  z.strictObject({
    stack: z.enum(['auto', 'ifupdown', 'networkd', 'unit']),
    bitrateBps: bitrateSchema,
    txQueueLength: txQueueSchema,
    interfaceName: interfaceNameSchema,
    boards,
    hat: z.enum(['keep', 'comment-out']),
    pinToUsbSerial: z.nullable(z.string().check(z.regex(/^[A-Za-z0-9]{1,64}$/))),
    removeRivals: z.boolean(),
    configPath: z.nullable(z.string().check(z.maxLength(1000))),
    restartKlipper: z.boolean(),
    confirmedIdle: z.boolean(),
  }),
);

export const somePiWishes = z.partial(piWishes);

export const piGoal = describes<PiPlan['goal']>()(
  z.object({
    interfaceName: interfaceNameSchema,
    bitrateBps: bitrateSchema,
    txQueueLength: txQueueSchema,
    boards,
  }),
);

const path = z.string();

/** A step to be looked at; of a file both texts are whole, null where there is no file. */
const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path,
    reason: z.string(),
    asRoot: z.boolean(),
    before: z.nullable(z.string()),
    after: z.nullable(z.string()),
  }),
  z.object({
    kind: z.literal('command'),
    argv: z.array(z.string()),
    reason: z.string(),
    asRoot: z.boolean(),
  }),
  z.object({
    kind: z.literal('klipper'),
    via: z.enum(['moonraker', 'systemd']),
    unit: z.nullable(z.string()),
    reason: z.string(),
    asRoot: z.boolean(),
  }),
]);

export const piPlanId = z.string().check(z.regex(/^[0-9a-z-]{1,64}$/));

/** A plan as it is shown; `planId` applies exactly this one. */
export const piPlan = z.object({
  planId: piPlanId,
  stack: z.nullable(z.enum(['ifupdown', 'networkd', 'unit'])),
  steps: z.array(step),
  notes: z.array(z.object({ kind: z.enum(['note', 'warning']), text: z.string() })),
  blockers: z.array(z.object({ code: z.enum(errorCodes), text: z.string() })),
  goal: piGoal,
});

export const piProof = describes<ProofEvent>()(
  z.object({
    type: z.literal('pi-proof'),
    proof: z.enum(proofNames),
    outcome: z.enum(['started', 'proven', 'failed', 'skipped']),
    seen: z.string(),
  }),
);

export const piChangeId = z.string().check(z.regex(/^[0-9a-f-]{1,64}$/));

/** A change that was made to a Pi, as its journal there tells. */
export const piChange = z.object({
  id: piChangeId,
  /** `open`, `applied` or `undone`. */
  state: z.string(),
  /** ISO 8601; null where another version wrote the journal. */
  begun: z.nullable(z.string()),
  files: z.array(path),
  goal: z.nullable(piGoal),
});

/** What taking a change back would do to one of its files. */
export const piUndoFile = z.object({
  path,
  /** `old`: as before the change; `new`: as the change left it; `edited`: somebody edited it since. */
  standing: z.enum(['old', 'new', 'edited']),
  now: z.nullable(z.string()),
  /** Null where there was no file, or its backup is gone. */
  before: z.nullable(z.string()),
});
