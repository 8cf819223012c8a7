import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ByteLink } from '../../../app/transport/byte-link.ts';

/** Opens a pair of terminals, prints the name of one, and joins the other to its own input and output until that ends. */
const bridge = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
sys.stderr.write(os.ttyname(slave) + "\\n")
sys.stderr.flush()
os.close(slave)
while True:
    readable, _, _ = select.select([0, master], [], [])
    if 0 in readable:
        data = os.read(0, 65536)
        if not data:
            break
        while data:
            data = data[os.write(master, data):]
    if master in readable:
        try:
            data = os.read(master, 65536)
        except OSError:
            # Until somebody opens the other end, and after it was closed.
            select.select([0], [], [], 0.002)
            continue
        os.write(1, data)
`;

/** A serial port of this machine with a device behind it. */
export interface TerminalBoard extends AsyncDisposable {
  readonly tty: string;
  /** As if its cable was pulled. */
  unplug(): Promise<void>;
}

/** Joins a device to a pseudo-terminal of this machine. */
export async function openTerminalBoard(device: ByteLink): Promise<TerminalBoard> {
  const child = spawn('python3', ['-c', bridge], { stdio: ['pipe', 'pipe', 'pipe'] });
  const [tty] = (await once(createInterface({ input: child.stderr }), 'line')) as [string];
  const closed = once(child, 'close');
  child.stdin.on('error', () => undefined);
  child.stdout.on(
    'data',
    (bytes: Buffer) => void device.write(Uint8Array.from(bytes)).catch(() => undefined),
  );
  const stop = new AbortController();
  const pumping = (async () => {
    for (;;) child.stdin.write(await device.read({ timeoutMs: 2 ** 31 - 1, signal: stop.signal }));
  })().catch(() => undefined);
  const unplug = async (): Promise<void> => {
    stop.abort();
    child.stdin.end();
    await closed;
    await pumping;
  };
  return {
    tty,
    unplug,
    async [Symbol.asyncDispose]() {
      await unplug();
      await device.close();
    },
  };
}
