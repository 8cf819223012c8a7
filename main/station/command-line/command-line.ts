import { constants, existsSync } from 'node:fs';
import { access, lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CommandLineView } from '../../../app/command-line.ts';
import { systemErrorCode, toFileError } from '../../files/file-errors.ts';
import { shellWord } from '../../shell/remote-script.ts';
import { copyProgram, type ProgramCopy } from './program-copy.ts';

export interface CommandLinePlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Electron's `process.resourcesPath`; null for other programs. */
  readonly packageFolder: string | null;
  readonly dataFolder: string;
  readonly version: string;
  /** Where macOS looks for commands (/etc/paths). */
  readonly macFolder?: string;
}

/** An install of the command line: the link that terminals find, and what it leads to. */
interface Target {
  readonly link: string;
  readonly program: string;
  /** An AppImage's files are there only while it runs: they are copied. */
  readonly copy: ProgramCopy | null;
}

/**
 * Puts `canopus` where terminals find it, for the two packages that have no installer: an AppImage is copied to the data
 * folder and linked from `~/.local/bin` (XDG Base Directory Specification 0.8), the program of macOS is linked from
 * `/usr/local/bin`. A file of others is never replaced.
 */
export class CommandLine {
  readonly #place: CommandLinePlace;

  constructor(place: CommandLinePlace) {
    this.#place = place;
  }

  async view(): Promise<CommandLineView> {
    const target = this.#target();
    if (target === null) return { state: 'none', file: null, isOnPath: false, command: null };
    const { link, program, copy } = target;
    const folder = dirname(link);
    const isOnPath = (this.#place.env['PATH'] ?? '').split(':').includes(folder);
    const view = { file: link, isOnPath, command: null };
    if (isOnDiskImage(program)) return { ...view, state: 'move-first' };
    const leadsTo = await linkTarget(link);
    if (leadsTo === 'another file') return { ...view, state: 'taken' };
    if (leadsTo === program && existsSync(program)) {
      return { ...view, state: copy === null || (await copy.isCurrent()) ? 'installed' : 'older' };
    }
    if (leadsTo !== null && leadsTo !== program && existsSync(leadsTo)) return { ...view, state: 'taken' };
    return { ...view, state: 'offered', command: await administratorCommand(target) };
  }

  /** Does nothing where the view says that it cannot. *Throws* `file/…`. */
  async install(): Promise<CommandLineView> {
    const before = await this.view();
    const target = this.#target();
    if (target === null || before.command !== null) return before;
    if (before.state === 'taken' || before.state === 'move-first') return before;
    try {
      await target.copy?.write();
      await mkdir(dirname(target.link), { recursive: true });
      // Renamed, because a terminal may start the old one at this moment.
      const fresh = `${target.link}.${process.pid}.new`;
      await rm(fresh, { force: true });
      await symlink(target.program, fresh);
      await rename(fresh, target.link);
    } catch (error) {
      throw toFileError(error, target.link, 'write');
    }
    return this.view();
  }

  /** Removes the link and the copy. *Throws* `file/…`. */
  async remove(): Promise<CommandLineView> {
    const target = this.#target();
    const { state } = await this.view();
    if (target === null || (state !== 'installed' && state !== 'older')) return this.view();
    try {
      await rm(target.link);
      await target.copy?.remove();
    } catch (error) {
      throw toFileError(error, target.link, 'write');
    }
    return this.view();
  }

  #target(): Target | null {
    const { platform, env, home, packageFolder, dataFolder, version, macFolder } = this.#place;
    if (packageFolder === null) return null;
    const packed = join(packageFolder, 'bin', 'canopus');
    if (!existsSync(packed)) return null;
    if (platform === 'darwin') {
      return { link: join(macFolder ?? '/usr/local/bin', 'canopus'), program: packed, copy: null };
    }
    if (platform !== 'linux' || env['APPIMAGE'] === undefined) return null;
    const copy = copyProgram(packageFolder, join(dataFolder, 'command-line'), version);
    return { link: join(home, '.local', 'bin', 'canopus'), program: copy.program, copy };
  }
}

/** A mounted disk image, or the random folder from which macOS starts what was not moved ("App Translocation"). */
export function isOnDiskImage(program: string): boolean {
  return program.startsWith('/Volumes/') || program.includes('/AppTranslocation/');
}

/** Where the link leads; null if there is nothing. */
async function linkTarget(link: string): Promise<string | null> {
  try {
    return (await lstat(link)).isSymbolicLink() ? await readlink(link) : 'another file';
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw toFileError(error, link, 'read');
  }
}

/** /usr/local/bin belongs to root, and is not there on a new Mac. */
async function administratorCommand({ link, program, copy }: Target): Promise<string | null> {
  if (copy !== null) return null;
  const folder = dirname(link);
  try {
    await access(folder, constants.W_OK);
    return null;
  } catch {
    return `sudo mkdir -p ${folder} && sudo ln -sfn ${shellWord(program)} ${link}`;
  }
}
