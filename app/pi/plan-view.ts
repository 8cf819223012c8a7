import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { decodeConfigText } from '../printer-config/config-text.ts';
import {
  commandStepSchema,
  klipperStepSchema,
  piGoalSchema,
  planBlockerSchema,
  planNoteSchema,
  stacks,
  type PiPlan,
  type PlanStep,
} from './plan-types.ts';

/** A step to display; for a file both texts are whole, null if there is no file. */
const stepViewSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path: z.string(),
    reason: z.string(),
    asRoot: z.boolean(),
    before: z.nullable(z.string()),
    after: z.nullable(z.string()),
  }),
  z.omit(commandStepSchema, { accepts: true }),
  klipperStepSchema,
]);

/** A plan as plain values, to display and to send. */
export const planViewSchema = z.object({
  stack: z.nullable(z.enum(stacks)),
  steps: z.array(stepViewSchema),
  /** Commands around restoring the files. */
  undo: z.array(stepViewSchema),
  notes: z.array(planNoteSchema),
  blockers: z.array(planBlockerSchema),
  /** The printers of the Pi by name. */
  printers: z.array(z.string()),
  goal: piGoalSchema,
});

export type PlanView = Plain<z.infer<typeof planViewSchema>>;
type StepView = PlanView['steps'][number];

/** Contents of a file as text; null for no file. */
export function fileText(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : decodeConfigText(bytes).text;
}

function stepView(step: PlanStep): StepView {
  switch (step.kind) {
    case 'file': {
      const { kind, path, reason, asRoot, before, after } = step;
      return { kind, path, reason, asRoot, before: fileText(before), after: fileText(after) };
    }
    case 'command': {
      const { kind, argv, reason, asRoot } = step;
      return { kind, argv, reason, asRoot };
    }
    case 'klipper':
      return step;
  }
}

export function planView({ stack, steps, undo, notes, blockers, printers, goal }: PiPlan): PlanView {
  return {
    stack,
    steps: steps.map(stepView),
    undo: [...undo.before, ...undo.after].map(stepView),
    notes,
    blockers,
    printers,
    goal,
  };
}
