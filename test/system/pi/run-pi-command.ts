import { Command } from 'commander';
import { createCliContext } from '../../../main/hosts/cli/context.ts';
import { registerPi } from '../../../main/hosts/cli/pi-command.ts';
import type { LoopbackPi } from './loopback-pi.ts';

/** One line of `--json`. */
export interface Line {
  readonly type: string;
  readonly outcome?: string;
  readonly next?: string;
  readonly checks?: readonly { readonly id: string; readonly answer: string; readonly why: string }[];
}

/** What a process would end with; another type as soon as anybody sets it. */
function exitCodeNow(): number {
  const code: unknown = process.exitCode;
  return typeof code === 'number' ? code : 0;
}

/** Runs `canopus pi` with these words on that Pi, in this process. */
export async function runPiCommand(
  pi: LoopbackPi,
  words: readonly string[],
): Promise<{ exitCode: number; out: string; err: string; lines: Line[] }> {
  let out = '';
  let err = '';
  process.exitCode = undefined;
  const context = createCliContext({
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  const program = new Command('canopus');
  registerPi(program, context);
  const login = ['--host', `${pi.server.user}@127.0.0.1:${pi.server.port}`, '--key', pi.server.keyFile];
  const trust = ['--trust', await pi.server.hostKeyFingerprint()];
  await program.parseAsync([
    'node',
    'canopus',
    'pi',
    ...words.slice(0, words[0] === 'can' ? 2 : 1),
    ...(words[0] === 'forget-key' ? [] : [...login, ...trust]),
    ...words.slice(words[0] === 'can' ? 2 : 1),
  ]);
  const exitCode = exitCodeNow();
  process.exitCode = undefined;
  const json = words.includes('--json') ? out.trim().split('\n') : [];
  const lines = json.map((line) => JSON.parse(line) as Line);
  return { exitCode, out, err, lines };
}
