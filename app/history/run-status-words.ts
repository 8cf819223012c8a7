import type { RunStatus } from './run-record.ts';

/** The outcome of a run, in a word. Beside the record and not in `app/words.ts`, because the report needs it. */
export const runStatusWords = {
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
} as const satisfies Readonly<Record<RunStatus, string>>;
