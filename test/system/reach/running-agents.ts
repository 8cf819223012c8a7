import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The agents that run behind one server of this machine: other tests run agents here meanwhile. */
export class RunningAgents {
  readonly #name = 'CANOPUS_AGENTS_OF';
  readonly #value = randomUUID();

  /** For the environment of every session of that server. */
  get mark(): Readonly<Record<string, string>> {
    return { [this.#name]: this.#value };
  }

  async list(): Promise<readonly number[]> {
    const { stdout } = await execute('ps', ['-eo', 'pid=,args=']);
    const lines = stdout.split('\n').filter((line) => /^\s*\d+ (?:\S*\/)?python3 -ISc /.test(line));
    const pids = lines.map((line) => Number.parseInt(line, 10));
    const environments = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
    );
    return pids.filter((_, index) => environments[index]?.includes(`${this.#name}=${this.#value}`));
  }

  /** Whether it has ended, at the latest after that time. */
  async isGone(pid: number, withinMs: number): Promise<boolean> {
    return await this.#becomes((pids) => !pids.includes(pid), withinMs);
  }

  async areGone(withinMs: number): Promise<boolean> {
    return await this.#becomes((pids) => pids.length === 0, withinMs);
  }

  async #becomes(is: (pids: readonly number[]) => boolean, withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs;
    while (!is(await this.list())) {
      if (performance.now() > until) return false;
      await delay(50);
    }
    return true;
  }
}
