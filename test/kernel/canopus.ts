import { guestPrograms } from './build-for-guest.ts';
import type { Guest, GuestProcess, RunOptions, RunResult } from './guest/client.ts';

/** One line of `canopus ... --json`. */
export type CliEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface CliResult extends RunResult {
  readonly events: readonly CliEvent[];
  /** The last line: a report or an error. */
  readonly last: CliEvent;
}

/** Our command line, as it is shipped, running in the guest with `--json`. */
export class CanopusRun {
  readonly process: GuestProcess;

  constructor(guest: Guest, args: string, options: RunOptions = {}) {
    this.process = guest.start(`exec node ${guestPrograms.canopus} ${args} --json`, {
      timeoutMs: 120_000,
      ...options,
    });
  }

  /** The first event, past or future, with these fields. */
  async event(fields: Readonly<Record<string, unknown>>): Promise<CliEvent> {
    const line = await this.process.line((text) => {
      const event = parse(text);
      return event !== null && Object.entries(fields).every(([name, value]) => event[name] === value);
    });
    return JSON.parse(line) as CliEvent;
  }

  async result(): Promise<CliResult> {
    const result = await this.process.result;
    const events = result.stdout.split('\n').flatMap((line) => parse(line) ?? []);
    const last = events.at(-1);
    if (last === undefined) throw new Error(`canopus printed no event, and ${JSON.stringify(result)}`);
    return { ...result, events, last };
  }
}

/** Runs it to its end. */
export function canopus(guest: Guest, args: string, options: RunOptions = {}): Promise<CliResult> {
  return new CanopusRun(guest, args, options).result();
}

function parse(line: string): CliEvent | null {
  return line.startsWith('{') ? (JSON.parse(line) as CliEvent) : null;
}
