import * as z from 'zod/mini';
import { errorCodes, leftStates } from '../errors.ts';

const detail = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);

/** Plain values, for people and for buttons. */
export const errorDetails = z.record(z.string(), detail);

/** The part of an error that crosses the contract. The stack and the cause do not. */
export const wireError = z.strictObject({
  code: z.enum(errorCodes),
  message: z.string(),
  details: errorDetails,
  state: z.nullable(z.enum(leftStates)),
});
export type WireError = z.infer<typeof wireError>;
