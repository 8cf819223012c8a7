import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const packaging = fileURLToPath(new URL('../../../resources/packaging/', import.meta.url));

/** The scripts of the deb and rpm packages, with a folder in the place of / and programs that only write down. */
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'canopus-install-'));
  for (const folder of ['usr/bin', 'opt/Canopus/resources/bin', 'etc/apparmor.d', 'stand-ins']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  for (const name of [
    'udevadm',
    'getent',
    'groupadd',
    'unshare',
    'apparmor_parser',
    'update-desktop-database',
  ]) {
    const failing = name === 'getent' || name === 'unshare';
    const text = `#!/bin/sh\necho "${name} $*" >> '${root}/calls'\n${failing ? 'exit 1\n' : ''}`;
    await writeFile(join(root, 'stand-ins', name), text, { mode: 0o755 });
  }
  await writeFile(join(root, 'opt/Canopus/canopus-desktop'), '');
  await writeFile(join(root, 'opt/Canopus/resources/bin/canopus'), '');
  await writeFile(join(root, 'opt/Canopus/resources/apparmor-profile'), 'profile');
  await writeFile(join(root, 'opt/Canopus/chrome-sandbox'), '');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function runScript(name: string, ...args: string[]): Promise<void> {
  const text = (await readFile(join(packaging, name), 'utf8'))
    .replaceAll('${sanitizedProductName}', 'Canopus')
    .replaceAll('${executable}', 'canopus-desktop')
    .replaceAll(/(?<=['" [])\/(usr\/bin|opt|etc)\b/g, `${root}/$1`);
  const script = join(root, name);
  await writeFile(script, text);
  await run('sh', [script, ...args], { env: { PATH: `${join(root, 'stand-ins')}:/usr/bin:/bin` } });
}

const isThere = (path: string): Promise<boolean> =>
  lstat(join(root, path)).then(
    () => true,
    () => false,
  );

describe('after the installation', () => {
  it('canopus is the command line, and the window has a name of its own', async () => {
    await runScript('after-install.sh', 'configure');
    expect(await readlink(join(root, 'usr/bin/canopus'))).toBe(`${root}/opt/Canopus/resources/bin/canopus`);
    expect(await readlink(join(root, 'usr/bin/canopus-desktop'))).toBe(`${root}/opt/Canopus/canopus-desktop`);
  });

  it('replaces the link of an older version, in which canopus was the window', async () => {
    await symlink('/opt/Canopus/canopus', join(root, 'usr/bin/canopus'));
    await runScript('after-install.sh', 'configure');
    expect(await readlink(join(root, 'usr/bin/canopus'))).toBe(`${root}/opt/Canopus/resources/bin/canopus`);
  });

  it('udev has read the rule, whose group exists', async () => {
    await runScript('after-install.sh', 'configure');
    const calls = await readFile(join(root, 'calls'), 'utf8');
    expect(calls).toContain('groupadd --system plugdev');
    expect(calls).toContain('udevadm control --reload');
    expect(calls).toContain('udevadm trigger --subsystem-match=usb');
  });

  it('gives the sandbox its set-uid helper where users may make no namespaces', async () => {
    await runScript('after-install.sh', 'configure');
    expect((await lstat(join(root, 'opt/Canopus/chrome-sandbox'))).mode & 0o7777).toBe(0o4755);
    expect(await isThere('etc/apparmor.d/canopus-desktop')).toBe(true);
  });
});

describe('after the removal', () => {
  it.each([['remove'], ['purge'], ['0']])('by "%s" nothing is left outside of its folder', async (word) => {
    await runScript('after-install.sh', 'configure');
    await runScript('after-remove.sh', word);
    for (const path of ['usr/bin/canopus', 'usr/bin/canopus-desktop', 'etc/apparmor.d/canopus-desktop']) {
      expect(await isThere(path)).toBe(false);
    }
  });

  it.each([['upgrade'], ['1']])('of an older version, "%s", everything stays', async (word) => {
    await runScript('after-install.sh', 'configure');
    await runScript('after-remove.sh', word);
    expect(await isThere('usr/bin/canopus')).toBe(true);
  });

  it('a program that was not put there by the package stays', async () => {
    await writeFile(join(root, 'usr/bin/canopus'), 'of someone else');
    await runScript('after-remove.sh', 'remove');
    expect(await isThere('usr/bin/canopus')).toBe(true);
  });
});
