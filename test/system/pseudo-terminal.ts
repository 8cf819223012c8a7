import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Opens a pair of terminals and reads nothing until it is told to; then prints how many bytes wait. */
const deafEnd = `
import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.set_blocking(master, False)
print(os.ttyname(slave), flush=True)
sys.stdin.readline()
waiting = 0
try:
    while True:
        waiting += len(os.read(master, 65536))
except OSError:
    pass
print(waiting, flush=True)
`;

/** A terminal whose other end nobody reads, until the bytes that wait there are counted. */
export async function openDeafTerminal() {
  const child = spawn('python3', ['-c', deafEnd], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('python3 ended early');
    return value;
  };
  return {
    tty: await line(),
    countWaiting: async (): Promise<number> => {
      child.stdin.write('\n');
      return Number(await line());
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'close');
    },
  };
}

/** Runs a program on a terminal of its own and closes that once the program has printed what is waited for. */
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

/** Answers the exit code; minus the number of the signal that ended it where one did. */
export async function runUntilHangUp(wanted: string, command: readonly string[]): Promise<number> {
  const child = spawn('python3', ['-c', hangsUp, wanted, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return Number(output);
}
