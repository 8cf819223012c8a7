import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toWslPath } from '../../../main/shell/wsl-path.ts';
import { WslShell } from '../../../main/shell/wsl-shell.ts';
import { shellConformance } from '../../conformance/shell.ts';

const folders: string[] = [];

/**
 * `env` in place of `wsl.exe --exec`: both run the words that follow. What this cannot show is how wsl.exe itself
 * behaves (docs/firmware.md says so).
 */
async function openWithStandIn() {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-wsl-'));
  folders.push(folder);
  const shell = new WslShell({
    distribution: 'Debian',
    scriptFolder: join(folder, 'scripts'),
    wsl: ['env'],
    pathThere: (path) => path,
  });
  return { shell, folder };
}

shellConformance('WSL, with a stand-in for wsl.exe', openWithStandIn);

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

describe('WslShell', () => {
  it('leaves no scripts and no notes behind', async () => {
    const { shell, folder } = await openWithStandIn();
    await shell.run({ argv: ['true'] }, { timeoutMs: 10_000 });
    const abort = new AbortController();
    const onLine = () => abort.abort();
    const run = shell.run(
      { argv: ['sh', '-c', 'echo ready; sleep 60'] },
      { timeoutMs: 10_000, signal: abort.signal, onLine },
    );
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(join(folder, 'scripts/wsl'))).toEqual([]);
    expect((await readdir('/tmp')).filter((name) => /^canopus-[0-9a-f]{16}\.group$/.test(name))).toEqual([]);
  });
});

describe('paths between Windows and WSL', () => {
  it.each([
    ['C:\\klipper', '/mnt/c/klipper'],
    ['d:\\my projects\\klipper\\', '/mnt/d/my projects/klipper'],
    ['C:\\', '/mnt/c'],
    ['C:', '/mnt/c'],
    ['C:/klipper/src', '/mnt/c/klipper/src'],
    ['\\\\?\\C:\\klipper', '/mnt/c/klipper'],
    ['\\\\wsl$\\Debian\\home\\me\\klipper', '/home/me/klipper'],
    ['\\\\wsl.localhost\\debian\\home\\me', '/home/me'],
    ['\\\\wsl.localhost\\Debian', '/'],
  ])('%s is %s', (windows, wsl) => {
    expect(toWslPath(windows, 'Debian')).toBe(wsl);
  });

  it.each([
    ['a network share', '\\\\server\\share\\klipper'],
    ['a relative path', 'klipper\\src'],
    ['a path relative to a drive', 'C:klipper'],
    ["another distribution's file", '\\\\wsl$\\Ubuntu\\home\\me'],
  ])('%s is not seen', (_what, windows) => {
    expect(toWslPath(windows, 'Debian')).toBeNull();
  });
});
