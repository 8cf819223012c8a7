import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Opens a pair of terminals and reads nothing from either until its input ends. */
const deafEnd = `
import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
sys.stdin.read()
`;

/** A terminal whose other end is not read. */
export async function openDeafTerminal() {
  const child = spawn('python3', ['-c', deafEnd], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [tty] = (await once(lines, 'line')) as [string];
  return {
    tty,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

/** Runs a program on its own terminal and closes that once the program has printed the awaited text. */
const hangsUp = `
import os, pty, sys
wanted = sys.argv[1].encode()
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
while wanted not in seen:
    seen += os.read(terminal, 4096)
os.close(terminal)
_, status = os.waitpid(pid, 0)
print(os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status))
`;

/** Returns the exit code; minus the number of the signal that ended it where one did. */
export async function runUntilHangUp(wanted: string, command: readonly string[]): Promise<number> {
  const child = spawn('python3', ['-c', hangsUp, wanted, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return Number(output);
}
