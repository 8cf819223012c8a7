import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { LineSplitter } from '../../../app/transport/line-splitter.ts';
import { pnpScript } from './pnp-script.ts';
import { parsePnpLine, type PnpList, type PnpTree } from './pnp-tree.ts';

/** How long the first list may take: PowerShell itself starts within 2 s on a slow computer. */
const firstListMs = 15_000;

/** A process that prints lists; PowerShell with `pnpScript` unless a test says otherwise. */
type StartLister = () => { readonly process: ChildProcess; readonly output: Readable };

/** Follows Windows' list of USB devices through one PowerShell process that runs while the list is in use. */
export class PnpFeed implements PnpTree {
  readonly #start: StartLister;
  readonly #hints = new Set<() => void>();
  #running: ChildProcess | null = null;
  #list: Promise<PnpList | null> | null = null;
  #closed = false;

  constructor(start: StartLister = startPowerShell) {
    this.#start = start;
  }

  read(): Promise<PnpList | null> {
    if (this.#closed) return Promise.resolve(null);
    this.#list ??= this.#begin();
    return this.#list;
  }

  nowMs(): number {
    return Date.now();
  }

  watch(hint: () => void): () => void {
    this.#hints.add(hint);
    void this.read();
    return () => this.#hints.delete(hint);
  }

  close(): void {
    this.#closed = true;
    this.#hints.clear();
    this.#running?.kill();
  }

  #begin(): Promise<PnpList | null> {
    return new Promise((resolve) => {
      const { process: lister, output } = this.#start();
      this.#running = lister;
      const giveUp = setTimeout(() => resolve(null), firstListMs);
      const lines = new LineSplitter((line) => {
        const list = parsePnpLine(line);
        if (list === null) return;
        clearTimeout(giveUp);
        resolve(list);
        this.#list = Promise.resolve(list);
        for (const hint of this.#hints) hint();
      });
      output.on('data', (chunk: Uint8Array) => lines.push(chunk));
      const end = (): void => {
        clearTimeout(giveUp);
        resolve(null);
        // Its last list may be outdated by now.
        this.#list = Promise.resolve(null);
        if (!this.#closed) for (const hint of this.#hints) hint();
      };
      lister.once('error', end);
      lister.once('exit', end);
      // A list without readers keeps no process alive.
      lister.unref();
      giveUp.unref();
    });
  }
}

function startPowerShell(): ReturnType<StartLister> {
  const home = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0');
  const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', pnpScript(process.pid)];
  const lister = spawn(join(home, 'powershell.exe'), args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  return { process: lister, output: lister.stdout };
}
