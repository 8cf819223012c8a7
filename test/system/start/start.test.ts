import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const setup = fileURLToPath(new URL('../../../resources/setup/', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-start-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A copy of the start script in a project where Electron and the built command line are the given shell scripts. */
async function start(electron: string, env: Record<string, string>): Promise<string> {
  const project = join(folder, 'project');
  await mkdir(join(project, 'resources'), { recursive: true });
  await run('cp', ['-r', setup, join(project, 'resources', 'setup')]);
  await mkdir(join(project, 'node_modules', 'electron'), { recursive: true });
  await mkdir(join(project, 'out', 'cli'), { recursive: true });
  await writeFile(
    join(project, 'out', 'cli', 'canopus.js'),
    'console.log("SERVED", ...process.argv.slice(2))',
  );
  await writeFile(
    join(project, 'node_modules', 'electron', 'index.js'),
    'module.exports = require("path").join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? "", "electron")',
  );
  await writeFile(
    join(project, 'node_modules', 'electron', 'install.js'),
    'throw new TypeError("fetch failed")',
  );
  await writeFile(join(project, 'package.json'), '{}');
  await writeFile(join(folder, 'electron'), electron);
  await chmod(join(folder, 'electron'), 0o755);
  const url = pathToFileURL(join(project, 'resources', 'setup', 'start.mjs')).href;
  const program = `process.exitCode = await (await import(${JSON.stringify(url)})).startDesktop(['--sim'])`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, DISPLAY: ':77', ...env },
  });
  expect(stderr).not.toContain('TypeError');
  return stdout;
}

const served = /SERVED serve --open --sim resources\/benches\/three-boards.json/;

describe('npm start', () => {
  it.each(['TRAP', 'ABRT'])(
    'says what to do where the system refuses the sandbox (SIG%s), and serves',
    async (signal) => {
      const text = await start(`#!/bin/sh\nkill -${signal} $$\n`, { ELECTRON_OVERRIDE_DIST_PATH: folder });
      expect(text).toContain('chrome-sandbox');
      expect(text).toMatch(served);
    },
  );

  it('does not serve after a window that ended by itself', async () => {
    const text = await start('#!/bin/sh\necho window "$@"\n', { ELECTRON_OVERRIDE_DIST_PATH: folder });
    expect(text).toContain('window . --sim resources/benches/three-boards.json');
    expect(text).not.toContain('SERVED');
  });

  it('says in one sentence that Electron could not be had without a network, and serves', async () => {
    const text = await start('', { ELECTRON_OVERRIDE_DIST_PATH: '' });
    expect(text).toMatch(
      /Electron does not run here: (it could not be downloaded|downloading it needs Node 22.12 .*)\./,
    );
    expect(text).toMatch(served);
  });
});
