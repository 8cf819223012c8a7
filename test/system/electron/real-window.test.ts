import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { expect, it } from 'vitest';
import { texts } from '../../../renderer/texts/en.ts';
import { Display, findElectron } from './electron-program.ts';

// What the stand-in can only imitate: the real program, where there is one. Left out, with the reason, elsewhere.

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Electron's exit code if the system lets only root make a sandbox. */
const noSandbox = /setuid_sandbox_host|No usable sandbox|SUID sandbox helper/;

it('the real Electron opens the window in a sandbox, without Node, and lets it go nowhere', async ({
  skip,
}) => {
  const leaveOut = (why: string): never => {
    process.stderr.write(`The window of the real Electron is not tested: ${why}.\n`);
    return skip(why);
  };
  const program = await findElectron();
  if ('why' in program) return leaveOut(program.why);
  await using display = await Display.open();
  const home = await mkdtemp(join(tmpdir(), 'canopus-electron-'));
  const folders = { HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_STATE_HOME: home };
  const started = await _electron
    .launch({
      executablePath: program.path,
      args: ['.', '--sim', join(root, 'resources', 'benches', 'three-boards.json')],
      cwd: root,
      env: { ...process.env, ...folders, XDG_CONFIG_HOME: home, ...display.environment },
    })
    .catch((error: unknown) => {
      if (noSandbox.test(String(error))) return null;
      throw error;
    });
  if (started === null) return leaveOut('the system has no sandbox for it');
  try {
    const page = await started.firstWindow();
    await page.getByRole('heading', { name: texts.bench.title, exact: true }).waitFor();
    expect(page.url()).toMatch(/^canopus:\/\/app\//);
    if (process.platform === 'linux') {
      const pids = await started.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getOSProcessId()),
      );
      expect(pids).toHaveLength(1);
      // The kernel itself says that the page's process may not ask it for everything.
      expect(await readFile(`/proc/${pids[0]}/status`, 'utf8')).toMatch(/^Seccomp:\s*2$/m);
    }
    const names = ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'];
    expect(await page.evaluate((wanted) => wanted.filter((name) => name in globalThis), names)).toEqual([]);
    expect(await page.evaluate(() => window.open('https://example.com/') === null)).toBe(true);
    expect(
      await page.evaluate(() =>
        fetch('https://example.com/').then(
          () => 'answered',
          () => 'refused',
        ),
      ),
    ).toBe('refused');
    await page.evaluate(() => location.assign('https://example.com/'));
    expect(page.url()).toMatch(/^canopus:\/\/app\//);
  } finally {
    await started.close();
    await rm(home, { recursive: true, force: true });
  }
});
