import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot, run } from './processes.mjs';

const kernelPackages = /** @type {{ packages: string[] }} */ (
  JSON.parse(readFileSync(join(projectRoot, 'test/kernel/packages.json'), 'utf8'))
);

/**
 * Debian packages that the checks and some tests need, by vitest project. The kernel's list lives with its tests.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const wanted = {
  checks: ['shellcheck'],
  system: [
    'openssh-server',
    'openssh-client',
    'dropbear-bin',
    'libnss-wrapper',
    'fish',
    'zsh',
    'gcc-arm-none-eabi',
    'libnewlib-arm-none-eabi',
    'procps',
    'busybox-static',
    'python3-kconfiglib',
    'make',
    'git',
    'chromium',
  ],
  kernel: kernelPackages.packages,
};

/** @param {string} name */
function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout.includes('install ok installed');
}

const isDebian = () => process.platform === 'linux' && existsSync('/etc/debian_version');

/**
 * Installs what the projects lack, where that is possible. Returns those that cannot run here, each with what is missing.
 *
 * @param {readonly string[]} [projects]
 * @returns {Promise<{ project: string, why: string }[]>}
 */
export async function ensurePackages(projects = ['system', 'kernel']) {
  if (!isDebian()) return projects.map((project) => ({ project, why: 'needs Debian' }));
  const missing = [...new Set(projects.flatMap((project) => wanted[project] ?? []))].filter(
    (name) => !isInstalled(name),
  );
  if (missing.length > 0 && process.getuid?.() === 0) {
    console.log(`Installing Debian packages: ${missing.join(' ')} ...`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const emptyLists =
      readdirSync('/var/lib/apt/lists').filter(
        (name) => name.endsWith('Packages') || name.includes('_dists_'),
      ).length === 0;
    if (emptyLists) await run('apt-get', ['update', '-qq'], { quiet: true, env });
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing];
    if ((await run('apt-get', install, { quiet: true, env })) !== 0) {
      await run('apt-get', ['update', '-qq'], { quiet: true, env });
      await run('apt-get', install, { quiet: true, env });
    }
  }
  const unavailable = [];
  for (const project of projects) {
    const still = (wanted[project] ?? []).filter((name) => !isInstalled(name));
    if (still.length > 0)
      unavailable.push({ project, why: `needs root or: apt-get install ${still.join(' ')}` });
  }
  return unavailable;
}
