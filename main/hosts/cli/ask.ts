import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { safeLines } from '../../../app/safe-text.ts';
import type { LoginPrompt } from '../../shell/ssh/ssh-access.ts';
import { survivesClosedInput } from './process-end.ts';

/** True if there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks a person on the terminal; input is not shown if `hidden`. Null if there is no person to ask, or the question was
 * ended (Ctrl-D). Questions go to standard error: a program may be reading standard output.
 */
export async function ask(question: string, hidden = false): Promise<string | null> {
  if (!canAsk()) return null;
  survivesClosedInput();
  // Readline echoes input to its output; a secret must not be echoed.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(safeLines(question));
  const reader = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: true,
  });
  try {
    return await new Promise<string | null>((resolve) => {
      reader.once('line', resolve);
      reader.once('close', () => resolve(null));
      // In raw mode readline gets Ctrl-C as a character, and the process gets no signal.
      reader.once('SIGINT', () => {
        process.kill(process.pid, 'SIGINT');
        resolve(null);
      });
    });
  } finally {
    reader.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** Asks what a server asks, in its words. */
export function askPrompt({ label, instructions, prompt, isHidden }: LoginPrompt): Promise<string | null> {
  const said = instructions === '' ? '' : `${instructions}\n`;
  return ask(`${said}${label} asks: ${prompt} `, isHidden);
}

/** True only for a clear yes. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `);
  return answer !== null && /^y(es)?$/i.test(answer.trim());
}
