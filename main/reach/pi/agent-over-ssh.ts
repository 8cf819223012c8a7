import { randomBytes } from 'node:crypto';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import { quoted } from '../../../app/quoted.ts';
import type { SshShell } from '../../shell/ssh/ssh-shell.ts';
import type { AgentChannel } from './agent-channel.ts';
import { agentProgram } from './agent-program.ts';

/**
 * Skips its input up to a line with the first argument, which lets sudo take a password or none before it; then reads as
 * many bytes as the second says and runs them. Nothing but its input is read, so the agent finds its own messages next.
 */
const starter = `
import os, sys
def take(count):
    data = b""
    while len(data) < count:
        piece = os.read(0, count - len(data))
        if not piece:
            sys.exit(1)
        data += piece
    return data
line = b""
while line != sys.argv[1].encode():
    line = b""
    while True:
        byte = take(1)
        if byte == b"\\n":
            break
        line = (line + byte)[-200:]
exec(compile(take(int(sys.argv[2])), "canopus", "exec"))
`;

/** How sudo gets its password; null if it wants none. */
export interface AgentAsRoot {
  readonly password: string | null;
}

const maxSaid = 2_000;

/**
 * Starts the agent on a Pi. Nothing is written there. Throws `shell/*`, `ssh/*`; what ends it later is in `ended`:
 * `reach/no-python`, `reach/agent-ended`, `pi/sudo-refused`, `shell/lost`.
 */
export async function startAgentOverSsh(
  shell: SshShell,
  asRoot: AgentAsRoot | null = null,
): Promise<AgentChannel> {
  const program = new TextEncoder().encode(agentProgram);
  const nonce = randomBytes(12).toString('hex');
  const python = ['python3', '-ISc', starter, nonce, String(program.length)] as const;
  const argv = asRoot === null ? python : (['sudo', '-S', '-p', '', '--', ...python] as const);
  const password = asRoot === null || asRoot.password === null ? '' : `${asRoot.password}\n`;
  const stdin = new Uint8Array(Buffer.concat([Buffer.from(`${password}${nonce}\n`), program]));
  let said = '';
  let early: Uint8Array[] = [];
  let isHeard = false;
  const channel: { onData: AgentChannel['onData'] } = { onData: (bytes) => void early.push(bytes) };
  const running = await shell.startProgram(
    { argv, stdin, env: { LC_ALL: 'C', PYTHONDONTWRITEBYTECODE: '1' } },
    {
      stdout: (bytes) => {
        isHeard = true;
        channel.onData(Uint8Array.from(bytes));
      },
      stderr: (bytes) => {
        said = (said + Buffer.from(bytes).toString('utf8')).slice(-maxSaid);
      },
    },
  );
  const ended = running.ended.then(
    (exitCode) => endError(shell.label, { exitCode, said, isHeard, isRoot: asRoot !== null }),
    (error: unknown) => toCanopusError(error),
  );
  return {
    label: shell.label,
    write: (bytes) => running.write(bytes),
    get onData() {
      return channel.onData;
    },
    set onData(listener) {
      channel.onData = listener;
      for (const bytes of early.splice(0)) listener(bytes);
      early = [];
    },
    ended,
    close: () => running.end(),
  };
}

/** `python3 -c` ends with 1 and a traceback; a shell without the program with 127. */
function endError(
  label: string,
  { exitCode, said, isHeard, isRoot }: { exitCode: number; said: string; isHeard: boolean; isRoot: boolean },
): CanopusError {
  const words = quoted(said.slice(-300));
  const details = { label, exitCode };
  if (isHeard || exitCode === 0) {
    const message = `The program on ${label} has ended${words === '' ? '' : `; it said: ${words}`}.`;
    return new CanopusError('reach/agent-ended', message, details);
  }
  if (exitCode === 127 || /SyntaxError|No module named|command not found/.test(said)) {
    const message = `${label} has no Python 3.7 or newer that runs; it said: ${words}`;
    return new CanopusError('reach/no-python', message, details);
  }
  const message = `${isRoot ? 'sudo' : 'python3'} on ${label} ended with ${exitCode} before it began${words === '' ? '' : `: ${words}`}`;
  return new CanopusError(isRoot ? 'pi/sudo-refused' : 'reach/agent-ended', message, details);
}
