import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';

const run = promisify(execFile);
const fixture = fileURLToPath(new URL('../../fixtures/kconfig-tree', import.meta.url));

/** What a git hook may have set for its own repository must not reach the ones that tests make. */
const gitEnvironment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.invalid',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.invalid',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

/** A source tree for tests, as a user would have it. */
export interface SourceTree {
  readonly path: string;
  git(...args: string[]): Promise<string>;
  read(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  /** Replaces in a file; throws where there is nothing to replace. */
  edit(file: string, from: string | RegExp, to: string): Promise<void>;
  commitAll(message: string): Promise<string>;
}

/** Puts the fixture's tree for one firmware at `path`, not in git yet. */
export async function makePlainTree(path: string, target: FirmwareTarget): Promise<SourceTree> {
  await mkdir(path, { recursive: true });
  await cp(join(fixture, 'common'), path, { recursive: true });
  await cp(join(fixture, target), path, { recursive: true });
  await chmod(join(path, 'scripts/version.sh'), 0o755);
  const git = async (...args: string[]) =>
    (await run('git', ['-C', path, ...args], { env: gitEnvironment })).stdout.trim();
  const read = (file: string) => readFile(join(path, file), 'utf8');
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  };
  return {
    path,
    git,
    read,
    write,
    edit: async (file, from, to) => {
      const before = await read(file);
      const after = before.replace(from, to);
      if (after === before) throw new Error(`nothing to replace in ${file}`);
      await write(file, after);
    },
    commitAll: async (message) => {
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** The fixture's tree in git, committed and tagged `v1.0`, with a commit after it. */
export async function makeSourceTree(path: string, target: FirmwareTarget): Promise<SourceTree> {
  const tree = await makePlainTree(path, target);
  await tree.git('init', '-q', '-b', 'master');
  await tree.write('.gitignore', 'out\n.config\n.config.old\n');
  await tree.commitAll('first');
  await tree.git('tag', '-a', 'v1.0', '-m', 'v1.0');
  await tree.commitAll('second');
  return tree;
}
