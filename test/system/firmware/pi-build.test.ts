import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import type { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { codeOfRejection } from '../../error-code.ts';
import { startOpenSshServer } from '../openssh-server.ts';
import type { OpenSshServer } from '../openssh-server.ts';
import { accessTo } from '../pi/ssh-fixture.ts';
import { openBench, recipe, recorder } from './bench.ts';
import type { Bench } from './bench.ts';
import { makeSourceTree } from './source-tree.ts';
import type { SourceTree } from './source-tree.ts';

/** The Pi is this machine behind a real OpenSSH server, with its own home folder. */
let pi: OpenSshServer;
let bench: Bench;
let service: FirmwareService;
let klipper: SourceTree;

async function openPi(server: OpenSshServer): Promise<SshShell> {
  const access = await accessTo(server);
  return new SshShell(await connectSsh(await resolveDestination(server, access), access));
}

beforeEach(async () => {
  bench = await openBench();
  pi = await startOpenSshServer();
  klipper = await makeSourceTree(join(pi.home, 'klipper'), 'klipper');
  service = bench.service({ openPi: () => openPi(pi) });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await pi[Symbol.asyncDispose]();
});

const piSource = { type: 'pi', host: 'pi@voron' } as const;
const onPi = 'pi:pi@voron';

function request(change: object = {}) {
  const target: FirmwareTarget = 'klipper';
  return { target, recipe: recipe(), presetId: null, source: piSource, on: onPi, ...change };
}

/** What our folder in the user's cache on the Pi holds of builds. */
async function buildsOnPi(): Promise<string[]> {
  const roots = await readdir(join(pi.home, '.cache/canopus'));
  expect(roots).toHaveLength(1);
  return readdir(join(pi.home, '.cache/canopus', roots[0]!, 'builds'));
}

describe('a build on the Pi', () => {
  it('of what it runs gives byte for byte what a build here gives', async () => {
    const there = await service.build(request());
    const here = await service.build(
      request({ source: { type: 'folder', path: klipper.path }, on: 'local' }),
    );
    expect(Buffer.compare(there.bytes, here.bytes)).toBe(0);
    expect(there.record.build?.source).toMatchObject({
      commit: await klipper.git('rev-parse', 'HEAD'),
      version: await klipper.git('describe', '--always', '--tags', '--long'),
      dirty: false,
    });
    expect(there.record.build?.machine).toMatch(/127\.0\.0\.1/);
  });

  it('works in its own folder of the cache there, politely, and cleans up', async () => {
    const before = await klipper.git('status', '--porcelain', '--ignored');
    await klipper.write('Makefile', `$(info niceness $(shell nice))\n${await klipper.read('Makefile')}`);
    const seen = recorder();
    await service.build(request(), seen);
    expect(seen.lines('plain').map(({ text }) => text)).toContain('niceness 15');
    expect(await buildsOnPi()).toEqual([]);
    await klipper.git('checkout', '-q', '--', '.');
    expect(await klipper.git('status', '--porcelain', '--ignored')).toBe(before);
  });

  it('of a folder of this computer brings its content there, changes included', async () => {
    const mine = await makeSourceTree(join(bench.folder, 'user/klipper'), 'klipper');
    await mine.commitAll('only here');
    const source = { type: 'folder', path: mine.path } as const;
    const there = await service.build(request({ source }));
    const here = await service.build(request({ source, on: 'local' }));
    expect(there.record.info.version).toMatch(/^v1\.0-2-g/);
    expect(Buffer.compare(there.bytes, here.bytes)).toBe(0);

    await mine.edit('src/main.c', 'dictionary_size]', 'dictionary_size] + 1');
    const changed = await service.build(request({ source }));
    expect(changed.record.build?.source).toMatchObject({ dirty: true });
    expect(changed.record.info.version).toMatch(/^v1\.0-2-g[0-9a-f]+-dirty$/);
  });

  it('of a URL fetches it there', async () => {
    const origin = await makeSourceTree(join(bench.folder, 'origin/klipper'), 'klipper');
    const source = { type: 'git', url: `file://${origin.path}`, ref: 'v1.0' } as const;
    expect((await service.build(request({ source }))).record.info.version).toMatch(/^v1\.0-0-g/);
  });

  it('is not done while it prints, unless that was confirmed', async () => {
    await pi[Symbol.asyncDispose]();
    const bin = await bench.standIns({
      python3: 'if [ "$#" = 1 ] && [ "$1" = - ]; then echo printing; else exec /usr/bin/python3 "$@"; fi',
    });
    pi = await startOpenSshServer({ env: { PATH: `${bin}:/usr/bin:/bin` } });
    klipper = await makeSourceTree(join(pi.home, 'klipper'), 'klipper');
    expect(await codeOfRejection(service.build(request()))).toBe('build/printing');
    expect((await service.build(request({ whilePrinting: true }))).record.info.kind).toBe('klipper');
  });

  it('that is cancelled leaves no process and no folder there', async () => {
    await klipper.write(
      'rules.mk',
      (await klipper.read('rules.mk')).replace(/^\t@echo " {2}Linking.*$/m, '\t@echo linking; sleep 300'),
    );
    const abort = new AbortController();
    const onEvent = (event: { type: string; text?: string }) => {
      if (event.text === 'linking') abort.abort();
    };
    expect(await codeOfRejection(service.build(request(), { signal: abort.signal, onEvent }))).toBe(
      'cancelled',
    );
    expect(await buildsOnPi()).toEqual([]);
    expect(await processesOf(pi.home)).toEqual([]);
  });

  it('whose connection breaks is named, and the next one connects anew and clears up', async () => {
    await klipper.write(
      'rules.mk',
      (await klipper.read('rules.mk')).replace(/^\t@echo " {2}Linking.*$/m, '\t@echo linking; sleep 300'),
    );
    let power: Promise<void> | undefined;
    const onEvent = (event: { type: string; text?: string }) => {
      if (event.text === 'linking') power ??= pi.stop();
    };
    expect(await codeOfRejection(service.build(request(), { onEvent }))).toBe('shell/lost');
    await power;
    await pi.start();
    await klipper.git('checkout', '-q', '--', '.');
    expect((await service.build(request())).record.info.kind).toBe('klipper');
    expect(await buildsOnPi()).toEqual([]);
    expect(await processesOf(pi.home)).toEqual([]);
  });

  it('of a tree that is not there is named', async () => {
    expect(await codeOfRejection(service.build(request({ target: 'katapult' })))).toBe('source/not-on-pi');
  });
});

describe('a build here of what the Pi runs', () => {
  it('brings a commit that only the Pi has', async () => {
    await klipper.commitAll('only on the Pi');
    const { record } = await service.build(request({ on: 'local' }));
    expect(record.build?.source.commit).toBe(await klipper.git('rev-parse', 'HEAD'));
    expect(record.info.version).toBe(await klipper.git('describe', '--always', '--tags', '--long'));
    expect(record.build?.machine).toBe('this computer');
  });

  it('brings its uncommitted changes, too', async () => {
    await klipper.edit('src/main.c', 'dictionary_size]', 'dictionary_size] + 1');
    const { record } = await service.build(request({ on: 'local' }));
    expect(record.build?.source).toMatchObject({ dirty: true });
    const seen = recorder();
    await service.build(request({ on: 'local' }), seen);
    expect(seen.cached()).toBe(true);
  });

  it('makes the same image under the same key as the Pi does', async () => {
    const there = await service.build(request());
    const seen = recorder();
    const here = await service.build(request({ on: 'local' }), seen);
    expect(here.record.key).toBe(there.record.key);
    expect(seen.cached()).toBe(true);
  });
});

async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    if (line.includes(folder) && !line.includes('sshd')) found.push(line);
  }
  return found;
}
