import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The project's folder, whatever folder the script was started from. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/**
 * How a program runs: `quiet` shows what it says only where it fails, `silent` never.
 *
 * @typedef {{ readonly quiet?: boolean, readonly silent?: boolean, readonly env?: Readonly<Record<string, string>> }} RunOptions
 */

/**
 * Runs a program in the project's folder and returns its exit code; a signal counts as 128 + its number.
 * Ctrl-C, and that the terminal was closed, reach the child through the terminal; this process waits for it to end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, { quiet = false, silent = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      stdio: quiet || silent ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...env },
      windowsHide: true,
    });
    /** @type {Buffer[]} */
    const pieces = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (/** @type {Buffer} */ piece) => pieces.push(piece));
    const ignoreInterrupt = () => undefined;
    /** @type {readonly NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGHUP'];
    for (const name of signals) process.on(name, ignoreInterrupt);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, ignoreInterrupt);
      if (quiet && !silent && code !== 0) process.stderr.write(Buffer.concat(pieces));
      resolve(code ?? 128 + (signal === null ? 15 : constants.signals[signal]));
    });
  });
}

/**
 * As `run`, but a failure is an error that names the step.
 *
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export async function must(what, command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) throw new Error(`${what} failed (exit code ${String(code)}).`);
}
