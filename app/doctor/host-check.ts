export const hostVerdicts = ['fine', 'look', 'wrong', 'unknown'] as const;

/** One question about this computer with its answer. */
export interface HostCheck {
  readonly id: string;
  readonly question: string;
  /** `look`: works, but somebody should know. `unknown`: could not be found out, or shows only later. */
  readonly verdict: (typeof hostVerdicts)[number];
  readonly answer: string;
  /** What it matters for. */
  readonly why: string;
  readonly fix: {
    readonly text: string;
    /** To be copied into a terminal as it is; null where it is done by hand. */
    readonly command: string | null;
  } | null;
}
