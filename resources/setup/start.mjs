import { createRequire } from 'node:module';
import { run } from './processes.mjs';

/**
 * Electron's program, downloaded by its own package at first use; null with a reason where it cannot be had.
 *
 * @returns {{ path: string | null, reason: string }}
 */
function electronProgram() {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { path: null, reason: 'there is no display' };
  }
  try {
    /** @type {unknown} */
    const path = createRequire(import.meta.url)('electron');
    return { path: String(path), reason: '' };
  } catch {
    return { path: null, reason: 'its program could not be downloaded' };
  }
}

/**
 * `--sim` alone stands for the virtual bench that comes with Canopus.
 *
 * @param {readonly string[]} args
 */
function withBench(args) {
  const at = args.indexOf('--sim');
  const next = args[at + 1];
  if (at < 0 || (next !== undefined && !next.startsWith('-'))) return args;
  return [...args.slice(0, at + 1), 'resources/benches/three-boards.json', ...args.slice(at + 1)];
}

/**
 * Opens the desktop app; where Electron cannot run, serves the same app to this computer's browser.
 *
 * @param {readonly string[]} args
 */
export function startDesktop(args) {
  const { path, reason } = electronProgram();
  if (path !== null) return run(path, ['.', ...withBench(args)]);
  console.log(`Electron does not run here (${reason}): serving Canopus to the browser instead.`);
  return run(process.execPath, ['out/cli/canopus.js', 'serve', '--open', ...withBench(args)]);
}
