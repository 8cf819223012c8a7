import { createRequire } from 'node:module';
import { run } from './processes.mjs';

/** Electron's program, downloaded by its own package at first use; null with a reason where it cannot be had. */
function electronProgram() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { path: null, reason: 'there is no display' };
  }
  try {
    return { path: createRequire(import.meta.url)('electron'), reason: '' };
  } catch {
    return { path: null, reason: 'its program could not be downloaded' };
  }
}

/** Opens the desktop app; where Electron cannot run, serves the same app to this computer's browser. */
export function startDesktop(args) {
  const { path, reason } = electronProgram();
  if (path !== null) return run(path, ['.', ...args]);
  console.log(`Electron does not run here (${reason}): serving Canopus to the browser instead.`);
  return run(process.execPath, ['out/cli/canopus.js', 'serve', '--open', ...args]);
}
