import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, run } from './processes.mjs';

const electronFolder = join(projectRoot, 'node_modules', 'electron');

/**
 * Electron's program, downloaded by its own package at first use; null with a reason where it cannot be had.
 *
 * @returns {Promise<{ path: string | null, reason: string }>}
 */
async function electronProgram() {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { path: null, reason: 'there is no display' };
  }
  const isThere = existsSync(join(electronFolder, 'path.txt')) || process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (!isThere) {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 12)) {
      return {
        path: null,
        reason: `downloading it needs Node 22.12 or newer, this is ${process.versions.node}`,
      };
    }
    console.log('Downloading Electron, about 110 MB ...');
    const code = await run(process.execPath, [join(electronFolder, 'install.js')], { silent: true });
    if (code !== 0) return { path: null, reason: 'it could not be downloaded' };
  }
  try {
    /** @type {unknown} */
    const path = createRequire(import.meta.url)('electron');
    return { path: String(path), reason: '' };
  } catch {
    return { path: null, reason: 'its program is missing' };
  }
}

/** What a shell shows for SIGTRAP and SIGABRT, by which Chromium ends where it cannot go on. */
const crashCodes = [133, 134];
/** A window that was there for longer did not fail to start. */
const startMs = 15_000;

const sandboxText = `The window could not start: Electron ended at once. Most often the system refuses its sandbox, as Ubuntu 23.10 and
newer do for programs without an AppArmor profile, and as Electron does for root. The .deb package brings a profile.
In a checkout this lets the sandbox start:
  sudo chown root:root node_modules/electron/dist/chrome-sandbox
  sudo chmod 4755 node_modules/electron/dist/chrome-sandbox`;

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
export async function startDesktop(args) {
  const { path, reason } = await electronProgram();
  if (path === null) console.log(`Electron does not run here: ${reason}.`);
  else {
    const beganMs = performance.now();
    const code = await run(path, ['.', ...withBench(args)]);
    const isStartFailure = crashCodes.includes(code) && performance.now() - beganMs < startMs;
    if (process.platform !== 'linux' || !isStartFailure) return code;
    console.log(sandboxText);
  }
  console.log('Serving Canopus to the browser instead.');
  return run(process.execPath, ['out/cli/canopus.js', 'serve', '--open', ...withBench(args)]);
}
