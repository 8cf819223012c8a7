import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { threadText } from '../../../resources/setup/thread-text.mjs';

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when the program has printed this line. */
  until(line: string): Promise<void>;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** A test program in its own process, to be killed and to race with others. */
export interface TestProgram extends AsyncDisposable {
  /** Of the built JavaScript. */
  readonly path: string;
  start(args: readonly string[]): RunningProgram;
}

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Builds one of `programs/`, or another file, to JavaScript (Node 20 does not read TypeScript). */
export async function buildProgram(name: string | URL): Promise<TestProgram> {
  // Inside the repository, so that packages are found.
  const folder = await mkdtemp(join(repository, 'node_modules/.canopus-test-'));
  await build({
    configFile: false,
    logLevel: 'error',
    root: repository,
    publicDir: false,
    plugins: [threadText()],
    build: {
      ssr: fileURLToPath(typeof name === 'string' ? new URL(`programs/${name}.ts`, import.meta.url) : name),
      outDir: folder,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'program.js' } },
    },
  });
  const path = join(folder, 'program.js');
  return {
    path,
    start: (args) => start(path, args),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

function start(path: string, args: readonly string[]): RunningProgram {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return {
    child,
    ended,
    output: () => output,
    until: (line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!output.split('\n').includes(line)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void ended.then((code) => reject(new Error(`ended with ${code} before "${line}": ${output}`)));
        look();
      }),
  };
}
