import * as z from 'zod/mini';
import { updatePlanSchema, updateScopes } from '../../printer/plan-types.ts';
import { printerSurveySchema } from '../../printer/printer-mcu.ts';
import { updateJournalSchema } from '../../printer/update-journal.ts';
import { call } from '../define.ts';
import { jobId } from './jobs.ts';
import { piId, piPlanId } from './pi.ts';
import { boardChoice } from './presets.ts';

/** A printer: its Pi, and its name there; null for the only one. */
const printer = { id: piId, printer: z.nullable(z.string().check(z.maxLength(1000))) };

const boards = z._default(
  z
    .array(
      z.strictObject({
        /** The section of printer.cfg. */
        name: z.string().check(z.maxLength(220)),
        presetId: boardChoice.shape.presetId,
        variantId: z.nullable(boardChoice.shape.variantId),
      }),
    )
    .check(z.maxLength(64)),
  [],
);

const text = z.nullable(z.string());
const started = z.object({ jobId });

export const printerEntries = {
  /** Every MCU of a printer. Changes nothing. `boards`: which board an MCU is, where no record has it. */
  'printer.survey': call({ input: z.strictObject({ ...printer, boards }), output: printerSurveySchema }),
  /** What an update would do. Changes nothing; `planId` runs exactly this one. */
  'printer.plan': call({
    input: z.strictObject({ ...printer, boards, scope: z._default(z.enum(updateScopes), 'needed') }),
    output: z.extend(updatePlanSchema, { planId: piPlanId }),
  }),
  /** The last update of a printer and how far it is, as the station or the Pi has it; null for none. */
  'printer.last': call({
    input: z.strictObject(printer),
    output: z.nullable(
      z.object({
        id: updateJournalSchema.shape.id,
        printer: z.string(),
        begun: z.string(),
        state: updateJournalSchema.shape.state,
        /** In a sentence. */
        standing: z.string(),
        steps: z.array(
          z.object({
            name: z.string(),
            progress: z.enum(['waiting', 'begun', 'written', 'back']),
            /** Versions before and after it, and of the image that a roll back writes. */
            before: text,
            after: text,
            former: text,
          }),
        ),
        /** MCUs that a roll back leaves as they are. */
        oneWay: z.array(z.string()),
      }),
    ),
  }),
  /** Updates a printer by a plan that was shown. Throws `pi/plan-unknown`, `pi/printing`, `printer/hot`. */
  'printer.update': call({ input: z.strictObject({ id: piId, planId: piPlanId }), output: started }),
  /** Goes on with an update, or a roll back, that was begun. */
  'printer.resume': call({ input: z.strictObject(printer), output: started }),
  /** Writes the former images of the last update. */
  'printer.rollback': call({ input: z.strictObject(printer), output: started }),
  /** Proves the last update again; changes nothing. */
  'printer.prove': call({ input: z.strictObject(printer), output: started }),
};
