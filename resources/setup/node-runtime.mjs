import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './processes.mjs';

const run = promisify(execFile);

/**
 * Which Node a package brings, with the hashes of what the registry has and of the program in it.
 *
 * @returns {Promise<{ version: string, targets: Readonly<Record<string, Runtime>> }>}
 */
async function readRuntimes() {
  const text = await readFile(join(projectRoot, 'resources', 'setup', 'node-runtimes.json'), 'utf8');
  /** @type {{ version: string, targets: Readonly<Record<string, Runtime>> }} */
  const read = JSON.parse(text);
  return read;
}

/** @typedef {{ package: string, integrity: string, program: string, sha256: string }} Runtime */

/**
 * Node's own program for `target`, as `linux-arm64`: downloaded with npm at first use and kept in `.cache/node`. Throws
 * if its hash is not the one that is written down here.
 *
 * @param {string} target
 * @returns {Promise<string>} its path
 */
export async function nodeRuntime(target) {
  const { version, targets } = await readRuntimes();
  const runtime = targets[target];
  if (runtime === undefined) throw new Error(`There is no Node for ${target} in node-runtimes.json.`);
  const folder = join(projectRoot, '.cache', 'node', version);
  const kept = join(folder, target.startsWith('win32') ? `${target}.exe` : target);
  if (existsSync(kept) && (await hashOf(kept, 'sha256', 'hex')) === runtime.sha256) return kept;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'download-'));
  try {
    await download(runtime, version, work);
    const program = join(work, 'package', runtime.program);
    requireHash(`the program of ${runtime.package}`, await hashOf(program, 'sha256', 'hex'), runtime.sha256);
    const copy = join(work, 'program');
    await copyFile(program, copy);
    await chmod(copy, 0o755);
    await rename(copy, kept);
    return kept;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * @param {Runtime} runtime
 * @param {string} version
 * @param {string} work
 */
async function download(runtime, version, work) {
  console.log(`Downloading Node ${version} (${runtime.package}) ...`);
  const words = ['pack', `${runtime.package}@${version}`, '--silent'];
  const npm = process.env['npm_execpath'];
  // Windows starts npm.cmd in a shell only; nothing in these words needs quoting.
  if (npm) await run(process.execPath, [npm, ...words], { cwd: work });
  else await run('npm', words, { cwd: work, shell: process.platform === 'win32' });
  const archive = `${runtime.package}-${version}.tgz`;
  const hash = await hashOf(join(work, archive), 'sha512', 'base64');
  requireHash(runtime.package, `sha512-${hash}`, runtime.integrity);
  // Every system that packs has it, Windows since version 1803.
  await run('tar', ['-xzf', archive, `package/${runtime.program}`], { cwd: work });
}

/**
 * @param {string} path
 * @param {string} algorithm
 * @param {'hex' | 'base64'} encoding
 */
async function hashOf(path, algorithm, encoding) {
  return createHash(algorithm)
    .update(await readFile(path))
    .digest(encoding);
}

/**
 * @param {string} what
 * @param {string} found
 * @param {string} wanted
 */
function requireHash(what, found, wanted) {
  if (found !== wanted) throw new Error(`${what} has the hash ${found}, wanted is ${wanted}.`);
}
