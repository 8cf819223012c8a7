import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractAll, listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuseSentinel, makeElectronDist, type PackedPlatform } from './electron-dist.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** `npm run check:packages` has the command line made from the Node that is downloaded for each target. */
const realNode = process.env['CANOPUS_CHECK_PACKAGES'] === '1';

interface Target {
  readonly name: string;
  readonly platform: PackedPlatform;
  readonly arch: 'x64' | 'arm64';
  /** Where electron-builder puts the app, its resources and the program with the fuses in it. */
  readonly folder: string;
  readonly resources: string;
  readonly program: string;
  /** The folders below `prebuilds` that this target needs. */
  readonly prebuilds: readonly string[];
}

const linux = { platform: 'linux', resources: 'resources', program: 'canopus-desktop' } as const;
const windows = { platform: 'win32', resources: 'resources', program: 'Canopus.exe' } as const;
const mac = {
  platform: 'darwin',
  resources: 'Contents/Resources',
  program: 'Contents/Frameworks/Electron Framework.framework/Electron Framework',
} as const;

const targets: readonly Target[] = [
  { name: 'Linux x64', arch: 'x64', folder: 'linux-unpacked', prebuilds: ['linux-x64'], ...linux },
  {
    name: 'Linux arm64',
    arch: 'arm64',
    folder: 'linux-arm64-unpacked',
    prebuilds: ['linux-arm64'],
    ...linux,
  },
  { name: 'Windows x64', arch: 'x64', folder: 'win-unpacked', prebuilds: ['win32-x64'], ...windows },
  {
    name: 'Windows arm64',
    arch: 'arm64',
    folder: 'win-arm64-unpacked',
    prebuilds: ['win32-arm64'],
    ...windows,
  },
  {
    ...{ name: 'macOS x64', arch: 'x64', folder: 'mac/Canopus.app' },
    ...{ prebuilds: ['darwin-x64', 'darwin-x64+arm64'], ...mac },
  },
  {
    ...{ name: 'macOS arm64', arch: 'arm64', folder: 'mac-arm64/Canopus.app' },
    ...{ prebuilds: ['darwin-arm64', 'darwin-x64+arm64'], ...mac },
  },
];

const builderArgs: Readonly<Record<PackedPlatform, readonly string[]>> = {
  linux: ['--linux'],
  // A stand-in is no PE file: what would be written into its resources cannot be.
  win32: ['--win', '-c.disableAsarIntegrity=true', '-c.win.signAndEditExecutable=false'],
  darwin: ['--mac'],
};

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'canopus-pack-'));
  for (const platform of ['linux', 'win32', 'darwin'] as const) await pack(platform);
}, 900_000);
afterAll(() => rm(work, { recursive: true, force: true }));

/** As `npm run dist` does, with an Electron that is only names, and this Node for the command line. */
async function pack(platform: PackedPlatform): Promise<void> {
  const electron = join(work, `electron-${platform}`);
  await makeElectronDist(electron, platform);
  const script =
    "import { packDesktop } from './resources/setup/dist.mjs'; process.exitCode = await packDesktop(process.argv.slice(1));";
  const [flag = '', ...rest] = builderArgs[platform];
  const own = [`-c.electronDist=${electron}`, `-c.directories.output=${join(work, 'dist')}`];
  const args = [flag, 'dir', '--x64', '--arm64', ...rest, ...own];
  await run(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    cwd: root,
    env: {
      ...process.env,
      CSC_IDENTITY_AUTO_DISCOVERY: 'false',
      ...(realNode ? {} : { CANOPUS_NODE_PROGRAM: process.execPath }),
    },
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

  beforeAll(() => {
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

  it('has the licences of what others made, for people and for the window, and the offer of libusb', async () => {
    const text = await readFile(join(resources(), 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['zod', 'svelte', 'tailwindcss', 'serialport', 'ssh2', 'SQLite', 'Node.js']) {
      expect(text).toMatch(new RegExp(`^${name.replace('.', '\\.')} \\d`, 'm'));
    }
    expect(text).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
    expect(text).toContain('Its complete source');
    const listed = JSON.parse(
      await readFile(join(resources(), 'resources', 'notices.json'), 'utf8'),
    ) as unknown[];
    expect(listed.length).toBeGreaterThan(30);
    // On a Mac electron-builder moves them into the app, but not from an Electron that it did not unpack itself.
    if (target.platform === 'darwin') return;
    const beside = join(work, 'dist', target.folder);
    expect(await readdir(beside)).toEqual(
      expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html']),
    );
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
    for (const path of native)
      expect(await isFor(`${resources()}/app.asar.unpacked/${path}`, target)).toBe(true);
    expect(packed.filter((path) => path.endsWith('.node'))).toHaveLength(native.length);
  });

  it('has no script outside of the archive, whose hash is checked', async () => {
    const scripts = (await filesBelow(resources())).filter((path) =>
      /\.(c|m)?js$|\.node$|\.exe$|^bin\//.test(path),
    );
    const name = target.platform === 'win32' ? 'canopus.exe' : 'canopus';
    const own = target.platform === 'win32' ? ['bin/path.ps1'] : [];
    expect(scripts.filter((path) => !path.endsWith('.node')).sort()).toEqual([`bin/${name}`, ...own]);
    expect(scripts.filter((path) => path.endsWith('.node'))).toHaveLength(3);
  });

  it('has a command line for a terminal', async () => {
    const path = join(resources(), 'bin', target.platform === 'win32' ? 'canopus.exe' : 'canopus');
    expect((await stat(path)).mode & 0o111).toBe(0o111);
    if (realNode) expect(await isFor(path, target)).toBe(true);
  });

  it('has no sources', () => {
    expect(packed.filter((path) => /\.(c|cc|cpp|h|hpp|gyp|gypi|ts|svelte|map|sh|py)$/.test(path))).toEqual(
      [],
    );
  });

  it('is small', async () => {
    const archive = await sizeOf(join(resources(), 'app.asar'));
    const native = await sizeOf(join(resources(), 'app.asar.unpacked'));
    const program = await sizeOf(join(resources(), 'bin'));
    if (realNode) {
      const row = [target.name, ...[archive, native, program].map((bytes) => (bytes / 1e6).toFixed(1))];
      process.stdout.write(`| ${row.join(' | ')} |\n`);
    }
    expect(archive + native).toBeLessThan(12e6);
    expect(program).toBeLessThan(140e6);
  });

  it('cannot be made to run as Node, be debugged or load other code', async () => {
    const program = await readFile(join(work, 'dist', target.folder, target.program));
    const at = program.indexOf(fuseSentinel) + fuseSentinel.length + 2;
    // runAsNode, encryption of cookies (there are none), NODE_OPTIONS, --inspect, asar integrity, only from asar, own snapshot, file:// rights
    expect(program.subarray(at, at + 8).toString('latin1')).toBe('00001100');
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'what is packed for this computer',
  () => {
    const resources = (): string => join(work, 'dist', 'linux-unpacked', 'resources');

    it('is enough to load every package', async () => {
      const folder = join(work, 'extracted');
      extractAll(join(resources(), 'app.asar'), folder);
      await cp(join(resources(), 'app.asar.unpacked'), folder, { recursive: true });
      const script =
        "for (const name of ['usb', 'serialport', 'ssh2', '@photostructure/sqlite']) await import(name); console.log('loaded');";
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
      expect(stdout).toContain('loaded');
      expect(existsSync(join(folder, 'node_modules', 'cpu-features'))).toBe(false);
    });

    describe('the command line', () => {
      const canopus = async (...args: string[]): Promise<string> => {
        const home = join(work, 'home');
        await mkdir(home, { recursive: true });
        // From anywhere, through a link on the PATH, and with nothing that Node would listen to.
        const link = join(work, 'canopus');
        if (!existsSync(link)) await symlink(join(resources(), 'bin', 'canopus'), link);
        const env = { PATH: '/usr/bin:/bin', HOME: home, NODE_OPTIONS: '' };
        return (await run(link, args, { cwd: '/', env })).stdout;
      };

      it('reads the presets of the package and opens a station with its native modules', async () => {
        expect(await canopus('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
        expect(await canopus('presets')).toContain('btt-octopus:f446');
        expect(await canopus('boards', '--json')).toContain('"type":"report"');
        expect(await canopus('history', '--json')).toContain('"type":"report"');
      });

      it('serves the window to the browser', async () => {
        const bench = join(root, 'resources', 'benches', 'three-boards.json');
        const program = join(resources(), 'bin', 'canopus');
        const args = ['serve', '--sim', bench, '--data', join(work, 'data'), '--listen', '127.0.0.1:0'];
        const child = spawn(program, args, { cwd: '/', env: { HOME: join(work, 'home') } });
        try {
          const link = await new Promise<string>((resolve, reject) => {
            let text = '';
            child.stdout.on('data', (piece: Buffer) => {
              const found = /http:\/\/127\.0\.0\.1:\S+/.exec((text += piece.toString()));
              if (found !== null) resolve(found[0]);
            });
            child.once('exit', () => reject(new Error(text)));
          });
          const entered = await fetch(link, { redirect: 'manual' });
          expect([200, 302, 303]).toContain(entered.status);
        } finally {
          child.kill('SIGTERM');
          if (child.exitCode === null) await once(child, 'exit');
        }
      });
    });
  },
);

/** Of a file, or of all files below a folder, in bytes. */
async function sizeOf(path: string): Promise<number> {
  const entry = await stat(path);
  if (entry.isFile()) return entry.size;
  const sizes = await Promise.all((await filesBelow(path)).map((name) => stat(join(path, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** Whether a program or module is for this system and processor, by its header. */
async function isFor(path: string, { platform, arch }: Target): Promise<boolean> {
  const bytes = await readFile(path);
  if (platform === 'linux') {
    // ELF: e_machine (System V ABI): 62 AMD64, 183 AArch64
    return bytes.readUInt32BE(0) === 0x7f454c46 && bytes.readUInt16LE(18) === (arch === 'x64' ? 62 : 183);
  }
  if (platform === 'win32') {
    const header = bytes.readUInt32LE(0x3c);
    const isConsole = !path.endsWith('.exe') || bytes.readUInt16LE(header + 24 + 68) === 3;
    return isConsole && bytes.readUInt16LE(header + 4) === (arch === 'x64' ? 0x8664 : 0xaa64);
  }
  // Mach-O: cputype of a thin file; a universal one has both
  const cpu = arch === 'x64' ? 0x01000007 : 0x0100000c;
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return bytes.readUInt32LE(4) === cpu;
  if (bytes.readUInt32BE(0) !== 0xcafebabe) return false;
  const count = bytes.readUInt32BE(4);
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(8 + 20 * index)).includes(cpu);
}
