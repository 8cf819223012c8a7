import { resolve } from 'node:path';
import type { FirmwareSource } from '../../app/build/firmware-source.ts';
import { formatFirmwareSource } from '../../app/build/firmware-source.ts';
import type { FirmwareTarget } from '../../app/build/recipe.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { runScript } from './build-machine.ts';
import { carrySnapshot } from './source-pack.ts';
import type { MirrorSite, SourceSnapshot } from './source-snapshot.ts';
import type { SnapshotOptions, SourceStore } from './source-store.ts';

/** A machine that sources can be read on. */
export interface SourceSite extends MirrorSite {
  readonly sources: SourceStore;
}

export interface Sites<S extends SourceSite = SourceSite> {
  /** Where the build runs. */
  readonly builder: S;
  /** Where the source is read: the builder, or the machine that has it. */
  readonly reader: S;
  /** This computer, if the reader is offline; throws `build/no-builder` if it has no shell to run git in. */
  readonly local: () => S;
}

/**
 * A source in its current state, on the machine that builds: read there if that machine can see it, or else on the
 * machine that has it and then copied. Throws what `SourceStore.snapshot` throws, and `source/not-on-pi`.
 */
export async function prepareSource(
  source: FirmwareSource,
  target: FirmwareTarget,
  sites: Sites,
  options: SnapshotOptions,
): Promise<SourceSnapshot> {
  switch (source.type) {
    case 'folder':
      return fromFolder(resolve(source.path), target, sites, options);
    case 'git':
      return fromUrl(source, target, sites, options);
    case 'pi':
      return fromPi(source.host, target, sites, options);
  }
}

async function fromFolder(
  path: string,
  target: FirmwareTarget,
  { builder, reader }: Sites,
  options: SnapshotOptions,
): Promise<SourceSnapshot> {
  const there = reader.machine.folderThere(path) ?? path;
  const snapshot = await reader.sources.snapshot({ type: 'folder', path: there }, target, options);
  return reader === builder
    ? snapshot
    : carrySnapshot(snapshot, reader.machine, builder.machine, options.signal);
}

async function fromUrl(
  source: FirmwareSource & { type: 'git' },
  target: FirmwareTarget,
  { builder, local }: Sites,
  options: SnapshotOptions,
): Promise<SourceSnapshot> {
  try {
    return await builder.sources.snapshot(source, target, options);
  } catch (error) {
    if (!isCanopusError(error, 'source/unreachable') || builder.machine.id === 'local') throw error;
    // A Pi without internet access: this computer may have access, or a copy from before.
    options.onNote?.(
      `${builder.machine.shell.label} could not fetch ${formatFirmwareSource(source)}; bringing it there`,
    );
    const here = local();
    const snapshot = await here.sources.snapshot(source, target, options);
    return carrySnapshot(snapshot, here.machine, builder.machine, options.signal);
  }
}

/** Exit code 44: no such tree. The last line is the URL that it was cloned from, or empty. */
const piTreeScript = `
cd "$HOME/$1" 2>/dev/null || exit 44
pwd -P
git config --get remote.origin.url || :
`;

/**
 * The source that the Pi runs. If the build runs elsewhere and the tree is clean, its commit is fetched from where the
 * Pi has it; otherwise it is copied from the Pi itself. The version is the Pi's own in both cases.
 */
async function fromPi(
  host: string,
  target: FirmwareTarget,
  { builder, reader }: Sites,
  options: SnapshotOptions,
): Promise<SourceSnapshot> {
  const { shell } = reader.machine;
  const { exitCode, stdout } = await runScript(shell, piTreeScript, [target], {
    signal: options.signal,
    understood: [44],
    failure: { code: 'source/git-failed', doing: `look for ~/${target}` },
  });
  const [path = '', url = ''] = stdout.split('\n');
  if (exitCode === 44 || path === '') {
    const message = `${shell.label} has no ~/${target}`;
    throw new CanopusError('source/not-on-pi', message, { host, target });
  }
  const there = await reader.sources.snapshot({ type: 'folder', path }, target, options);
  if (reader === builder) return there;
  if (!there.dirty && there.commit !== null && /^(?:https?|git):\/\//.test(url)) {
    const fetched = await fetchSame(url, there.commit, target, builder, options);
    // Other tags mean another version: then use the Pi's own tree.
    if (fetched && sameVersion(fetched.version, there.version)) return { ...fetched, version: there.version };
  }
  return carrySnapshot(there, reader.machine, builder.machine, options.signal);
}

async function fetchSame(
  url: string,
  commit: string,
  target: FirmwareTarget,
  builder: SourceSite,
  options: SnapshotOptions,
): Promise<SourceSnapshot | null> {
  try {
    return await builder.sources.snapshot({ type: 'git', url, ref: commit }, target, options);
  } catch (error) {
    if (isCanopusError(error, 'source/unreachable') || isCanopusError(error, 'source/unknown-ref'))
      return null;
    throw error;
  }
}

/** True if two descriptions of one commit differ only in the number of digits. */
function sameVersion(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long.startsWith(short) && /^[0-9a-f]*$/.test(long.slice(short.length));
}
