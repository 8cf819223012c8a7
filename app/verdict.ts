/**
 * What a check of a computer or a Pi found. `look`: works, but is worth knowing. `unknown`: could not be found out, or
 * shows only later.
 */
export const verdicts = ['fine', 'look', 'wrong', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];
