import * as z from 'zod/mini';

/** How to reach a Pi, as it is kept in a file; never a secret, only the names under which some are kept. */
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

/** The Pis that a file names; none where it is not what this version writes. */
export function parsePiRecords(text: string): readonly PiRecord[] {
  try {
    const parsed = z.array(piRecord).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
