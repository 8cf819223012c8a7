import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** Electron's own program, as its package names it; why there is none, in words. */
export type ElectronProgram = { readonly path: string } | { readonly why: string };

const downloadMs = 60_000;

/** The package downloads its program at first use, where it can. */
export async function findElectron(): Promise<ElectronProgram> {
  if (process.getuid?.() === 0)
    return { why: 'its sandbox, which is what is looked at, needs a user other than root' };
  if (!hasDisplay() && !existsSync('/usr/bin/Xvfb')) return { why: 'there is no display, and no Xvfb' };
  try {
    const print = 'process.stdout.write(require("electron"))';
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', print], { timeout: downloadMs });
    // It may report its download before.
    const path = stdout.split('\n').at(-1) ?? '';
    return existsSync(path) ? { path } : { why: `there is no program at ${path}` };
  } catch {
    return { why: 'its program could not be downloaded' };
  }
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/** The display of this computer, or an invisible one, as long as it is held. */
export class Display implements AsyncDisposable {
  readonly #server: ChildProcess | null;
  /** For the environment of a program. */
  readonly environment: Readonly<Record<string, string>>;

  private constructor(server: ChildProcess | null, environment: Readonly<Record<string, string>>) {
    this.#server = server;
    this.environment = environment;
  }

  static async open(): Promise<Display> {
    if (hasDisplay()) return new Display(null, {});
    const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [number] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    return new Display(server, { DISPLAY: `:${number}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server === null || this.#server.exitCode !== null) return;
    this.#server.kill();
    await once(this.#server, 'exit');
  }
}
