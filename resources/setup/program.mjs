import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'postject';
import { nodeRuntime } from './node-runtime.mjs';
import { withoutSignature } from './pe-file.mjs';
import { projectRoot } from './processes.mjs';

const run = promisify(execFile);

const script = join(projectRoot, 'out', 'program', 'canopus.cjs');
const renderer = join(projectRoot, 'out', 'renderer');

/** Node looks for this text in itself and, where the 0 behind it is a 1, for its script (Node, doc/api/single-executable-applications.md). */
const sentinel = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Makes the command line of a package: Node's own program of `target` with the script and the renderer in it. Tests
 * name a Node in CANOPUS_NODE_PROGRAM, which is then taken for every target, whatever its format.
 *
 * @param {string} target as `linux-arm64`
 * @param {string} path where to
 */
export async function makeProgram(target, path) {
  const own = process.env['CANOPUS_NODE_PROGRAM'];
  const here = `${process.platform}-${process.arch}`;
  const format = own === undefined ? target : here;
  const node = own ?? (await nodeRuntime(target));
  // Only the Node of this computer can run here; its blob is the same for all (no snapshot, no code cache).
  const local = own ?? (await nodeRuntime(here));
  const blob = await makeBlob(local);
  const key = createHash('sha256')
    .update(blob)
    .update(await readFile(node))
    .digest('hex');
  const folder = join(projectRoot, '.cache', 'program');
  const prefix = own === undefined ? target : 'own';
  const kept = join(folder, `${prefix}-${key.slice(0, 32)}`);
  if (!existsSync(kept)) {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (name.startsWith(`${prefix}-`)) await rm(join(folder, name), { force: true });
    }
    await injected({ node, blob, format, path: kept });
  }
  await mkdir(dirname(path), { recursive: true });
  await copyFile(kept, path);
}

/** @param {{ node: string, blob: Buffer, format: string, path: string }} options */
async function injected({ node, blob, format, path }) {
  const work = `${path}.part`;
  const isMac = format.startsWith('darwin');
  await copyFile(node, work);
  // A signature of the unchanged program is wrong from here on; the packager signs anew.
  if (format.startsWith('win32')) await writeFile(work, withoutSignature(await readFile(work)));
  if (isMac && process.platform === 'darwin') await run('codesign', ['--remove-signature', work]);
  const options = { sentinelFuse: sentinel, ...(isMac ? { machoSegmentName: 'NODE_SEA' } : {}) };
  await inject(work, 'NODE_SEA_BLOB', blob, options);
  await rename(work, path);
}

/** @param {string} node */
async function makeBlob(node) {
  const folder = join(projectRoot, 'out');
  const work = await mkdtemp(join(folder, 'blob-'));
  try {
    /** @type {Record<string, string>} */
    const assets = {};
    for (const entry of await readdir(renderer, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      assets[relative(renderer, file).split(sep).join('/')] = file;
    }
    const names = join(work, 'names.json');
    await writeFile(names, JSON.stringify(Object.keys(assets).sort()));
    const output = join(work, 'canopus.blob');
    const config = {
      main: script,
      output,
      assets: { ...assets, 'names.json': names },
      disableExperimentalSEAWarning: true,
      useCodeCache: false,
      useSnapshot: false,
      // NODE_OPTIONS is for Node; this is Canopus.
      execArgvExtension: 'none',
    };
    const file = join(work, 'config.json');
    await writeFile(file, JSON.stringify(config));
    await run(node, ['--experimental-sea-config', file]);
    return await readFile(output);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
