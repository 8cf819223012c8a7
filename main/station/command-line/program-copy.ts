import { cp, mkdtemp, readFile, rename, rm, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface ProgramCopy {
  /** In the copy. */
  readonly program: string;
  isCurrent(): Promise<boolean>;
  /** Replaces an older copy as a whole: cut off half-way, the older one stays. */
  write(): Promise<void>;
  remove(): Promise<void>;
}

/** What the command line needs: itself, its native modules (native-module.ts), boards and rules (resources.ts). */
const parts = ['bin', 'app.asar.unpacked', 'resources'];

/** The command line of the package in `from`, as a copy in `folder`. */
export function copyProgram(from: string, folder: string, version: string): ProgramCopy {
  const versionFile = join(folder, 'version');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return {
    program: join(folder, 'bin', 'canopus'),
    isCurrent: async () => (await readFile(versionFile, 'utf8').catch(() => '')).trim() === version,
    remove,
    async write() {
      await mkdir(dirname(folder), { recursive: true });
      const fresh = await mkdtemp(`${folder}.`);
      try {
        for (const part of parts) await cp(join(from, part), join(fresh, part), { recursive: true });
        await writeFile(join(fresh, 'version'), `${version}\n`);
        await remove();
        await rename(fresh, folder);
      } catch (error) {
        await rm(fresh, { recursive: true, force: true });
        throw error;
      }
    },
  };
}
