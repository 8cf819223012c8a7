import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractAll, extractFile, listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuseSentinel, makeElectronDist, type PackedPlatform } from './electron-dist.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Target {
  readonly name: string;
  readonly platform: PackedPlatform;
  readonly args: readonly string[];
  /** Where electron-builder puts the app, its resources and the program with the fuses in it. */
  readonly folder: string;
  readonly resources: string;
  readonly program: string;
  /** The folders below `prebuilds` that this target needs. */
  readonly prebuilds: readonly string[];
}

const targets: readonly Target[] = [
  {
    name: 'Linux x64',
    platform: 'linux',
    args: ['--linux', 'dir', '--x64'],
    folder: 'linux-unpacked',
    resources: 'resources',
    program: 'canopus',
    prebuilds: ['linux-x64'],
  },
  {
    name: 'Windows x64',
    platform: 'win32',
    // A stand-in is no PE file: what would be written into its resources cannot be.
    args: ['--win', 'dir', '--x64', '-c.disableAsarIntegrity=true', '-c.win.signAndEditExecutable=false'],
    folder: 'win-unpacked',
    resources: 'resources',
    program: 'Canopus.exe',
    prebuilds: ['win32-x64'],
  },
  {
    name: 'macOS arm64',
    platform: 'darwin',
    args: ['--mac', 'dir', '--arm64'],
    folder: 'mac-arm64/Canopus.app',
    resources: 'Contents/Resources',
    program: 'Contents/Frameworks/Electron Framework.framework/Electron Framework',
    prebuilds: ['darwin-arm64', 'darwin-x64+arm64'],
  },
];

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'canopus-pack-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** As `npm run dist` does, with an Electron that is only names. */
async function pack({ platform, args }: Target): Promise<void> {
  const electron = join(work, `electron-${platform}`);
  await makeElectronDist(electron, platform);
  const script =
    "import { packDesktop } from './resources/setup/dist.mjs'; process.exitCode = await packDesktop(process.argv.slice(1));";
  const own = [`-c.electronDist=${electron}`, `-c.directories.output=${join(work, 'dist')}`];
  await run(process.execPath, ['--input-type=module', '-e', script, '--', ...args, ...own], {
    cwd: root,
    env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

describe.each(targets)('the package for $name', (target) => {
  const resources = (): string => join(work, 'dist', target.folder, target.resources);
  let packed: readonly string[];

  beforeAll(async () => {
    await pack(target);
    packed = listPackage(join(resources(), 'app.asar'), { isPack: false }).map((path) =>
      path.split(sep).join('/'),
    );
  });

  it('has the entry, the preload script, the renderer and what the station reads', async () => {
    const { main } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { main: string };
    expect(packed).toContain(`/${main}`);
    expect(packed).toContain('/out/preload/preload.cjs');
    expect(packed).toContain('/out/renderer/index.html');
    const outside = await filesBelow(join(resources(), 'resources'));
    const boards = (await readdir(join(root, 'resources', 'boards'))).map((name) => `boards/${name}`);
    expect(outside).toEqual(expect.arrayContaining([...boards, 'udev/70-canopus.rules']));
  });

  it('has nothing of the checkout but what was built', () => {
    const own = packed.filter((path) => !path.startsWith('/node_modules'));
    const strangers = own.filter(
      (path) => !/^\/(package\.json|out|out\/(main|preload|renderer)(\/.*)?)$/.test(path),
    );
    expect(strangers).toEqual([]);
  });

  it('has the packages that stay outside of the bundle, and no development dependency', async () => {
    const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const found = new Set(
      packed.flatMap((path) => /^\/(node_modules\/(?:@[^/]+\/)?[^/@]+)$/.exec(path)?.[1] ?? []),
    );
    for (const name of ['usb', 'serialport', 'ssh2', '@photostructure/sqlite']) {
      expect(found).toContain(`node_modules/${name}`);
    }
    expect([...found].filter((name) => packages[name]?.dev === true)).toEqual([]);
  });

  it.each([
    ['main', ['zod', 'pino', 'diff']],
    ['renderer', ['svelte', 'zod']],
  ])('has the licences of what is bundled into %s', (bundle, names) => {
    const text = extractFile(join(resources(), 'app.asar'), `out/${bundle}/LICENSE.md`).toString();
    const named = [...text.matchAll(/^## (\S+) - .* \((.+)\)$/gm)].map(([, name]) => name);
    expect(named).toEqual(expect.arrayContaining(names));
  });

  it('has native modules of this target only, outside of the archive', async () => {
    const native = (await filesBelow(`${resources()}/app.asar.unpacked`)).filter((path) =>
      path.endsWith('.node'),
    );
    const folders = new Set(native.map((path) => path.split('/').at(-2)));
    expect([...folders].sort()).toEqual([...target.prebuilds].sort());
    for (const name of ['usb', '@serialport/bindings-cpp', '@photostructure/sqlite']) {
      expect(native.filter((path) => path.startsWith(`node_modules/${name}/`))).toHaveLength(1);
    }
    expect(packed.filter((path) => path.endsWith('.node'))).toHaveLength(native.length);
  });

  it('has no sources', () => {
    expect(packed.filter((path) => /\.(c|cc|cpp|h|hpp|gyp|gypi|ts|svelte|map|sh|py)$/.test(path))).toEqual(
      [],
    );
  });

  it('is small', async () => {
    const inside = await stat(join(resources(), 'app.asar'));
    const outside = await Promise.all(
      (await filesBelow(`${resources()}/app.asar.unpacked`)).map((path) =>
        stat(join(`${resources()}/app.asar.unpacked`, path)),
      ),
    );
    const bytes = [inside, ...outside].reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBeLessThan(12 * 1024 * 1024);
  });

  it('cannot be made to run as Node, be debugged or load other code', async () => {
    const program = await readFile(join(work, 'dist', target.folder, target.program));
    const at = program.indexOf(fuseSentinel) + fuseSentinel.length + 2;
    // runAsNode, cookie encryption, NODE_OPTIONS, --inspect, asar integrity, only from asar, own snapshot, file:// rights
    expect(program.subarray(at, at + 8).toString('latin1')).toBe('01001100');
  });
});

it('what is packed for this computer is enough to load every package', async () => {
  const target = targets.find(({ platform }) => platform === process.platform);
  if (target === undefined || process.arch !== 'x64') return;
  const resources = join(work, 'dist', target.folder, target.resources);
  const folder = join(work, 'extracted');
  extractAll(join(resources, 'app.asar'), folder);
  await cp(join(resources, 'app.asar.unpacked'), folder, { recursive: true });
  const script =
    "for (const name of ['usb', 'serialport', 'ssh2', '@photostructure/sqlite']) await import(name); console.log('loaded');";
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  expect(stdout).toContain('loaded');
  expect(existsSync(join(folder, 'node_modules', 'cpu-features'))).toBe(false);
});

describe('the Debian package', () => {
  it('brings the udev rule and makes udev read it', async () => {
    const config = await readFile(join(root, 'electron-builder.yml'), 'utf8');
    expect(config).toContain('resources/udev/70-canopus.rules=/usr/lib/udev/rules.d/70-canopus.rules');
    const script = await readFile(join(root, 'resources', 'packaging', 'deb-after-install.sh'), 'utf8');
    expect(script).toContain('udevadm control --reload');
    for (const name of ['deb-after-install.sh', 'deb-after-remove.sh']) {
      await run('sh', ['-n', join(root, 'resources', 'packaging', name)]);
    }
  });
});
