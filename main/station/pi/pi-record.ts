import * as z from 'zod/mini';
import { jsonList } from '../../files/json-list.ts';

/** How to reach a Pi, as stored in a file; never a secret, only the names of stored ones. */
const piRecord = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string(),
  user: z.nullable(z.string()),
  port: z.nullable(z.int()),
  keyFile: z.nullable(z.string()),
  secrets: z.array(z.string()),
});

export type PiRecord = z.infer<typeof piRecord>;

/** How the Pis are kept across a restart. */
export const piListFormat = jsonList(piRecord);
