import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCliContext } from '../../../../main/hosts/cli/context.ts';
import type { CliStreams } from '../../../../main/hosts/cli/output.ts';
import { createProgram } from '../../../../main/hosts/cli/program.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed, a line each. */
  readonly events: readonly Record<string, unknown>[];
}

// Boards flashed in a test do not belong in the history of the user who runs it.
process.env['XDG_DATA_HOME'] ??= mkdtempSync(join(tmpdir(), 'canopus-data-'));

/** Runs a command in this process, as `canopus ARGS` would. */
export async function canopus(...args: readonly string[]): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const streams: CliStreams = {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  };
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await createProgram(createCliContext(streams)).parseAsync([...args], { from: 'user' });
    return {
      exitCode: process.exitCode,
      stdout,
      stderr,
      events: args.includes('--json') ? stdout.split('\n').filter(Boolean).map(parseEvent) : [],
    };
  } finally {
    process.exitCode = before;
  }
}

function parseEvent(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}
