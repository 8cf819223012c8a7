import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchInput } from '../../main/sim/bench-config.ts';

/** As it was built, or another one that is to be tested. */
const program =
  process.env['CANOPUS_PROGRAM'] ?? fileURLToPath(new URL('../../out/cli/canopus.js', import.meta.url));

/** `canopus serve` as users run it, with virtual boards and its own data folder. */
export class ServedStation implements AsyncDisposable {
  readonly folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;
  #links: AsyncIterator<string> | null = null;

  private constructor(folder: string, args: readonly string[]) {
    this.folder = folder;
    this.#args = args;
  }

  /** With the files that the bench names beside it. */
  static async start(
    bench: BenchInput,
    files: Readonly<Record<string, Uint8Array>> = {},
  ): Promise<ServedStation> {
    const folder = await mkdtemp(join(tmpdir(), 'canopus-e2e-'));
    const benchFile = join(folder, 'bench.json');
    await writeFile(benchFile, JSON.stringify(bench));
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    const station = new ServedStation(folder, [
      ...['serve', '--listen', '127.0.0.1:0', '--json'],
      ...['--sim', benchFile, '--data', join(folder, 'data')],
    ]);
    await station.run();
    return station;
  }

  /** Starts the program, again after `stop`. */
  async run(): Promise<void> {
    const child = spawn(process.execPath, [program, ...this.#args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#links = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#firstLink = await this.#nextLink();
  }
  #firstLink: string | null = null;

  /** A link that admits one browser. */
  async link(): Promise<string> {
    const first = this.#firstLink;
    this.#firstLink = null;
    if (first !== null) return first;
    this.#child?.stdin?.write('\n');
    return this.#nextLink();
  }

  /** Ends the program as Ctrl-C does, or at once. */
  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #nextLink(): Promise<string> {
    const line = await this.#links?.next();
    if (line === undefined || line.done === true)
      throw new Error('the station ended before it printed a link');
    const event = JSON.parse(line.value) as { type: string; url?: string; message?: string };
    if (event.url === undefined) throw new Error(`the station did not start: ${event.message ?? line.value}`);
    return event.url;
  }
}
