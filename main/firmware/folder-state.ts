import { CanopusError } from '../../app/errors.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import { gitEnvironment } from './git-environment.ts';

/** What a user's folder is right now. Nothing in it is written to find out. */
export type FolderState =
  | { readonly type: 'plain'; readonly path: string }
  | {
      readonly type: 'git';
      /** With links resolved. */
      readonly path: string;
      readonly commit: string;
      /** Changes whenever a tag does; what `git describe` says depends on commit and tags. */
      readonly tagsId: string;
      /** Whether git calls the tree changed: a tracked file differs. */
      readonly changed: boolean;
      /** Files that git does not track, in the folders that take part in a build. */
      readonly untracked: readonly string[];
    };

/**
 * Exit code of its own: 40 no such folder. Prints the folder with links resolved, then, where it is the top of a work
 * tree, a line for each tag, an empty one, and what `git status` says, its commit first (git-status(1), "Porcelain
 * Format Version 2"; its paths may hold anything but a zero byte). The ceiling keeps git from taking an outer
 * repository for the folder's own.
 *
 * This is all that stands between a request and an image in the cache, so it starts two processes and no more: what
 * follows from the commit is asked for once in a process (`SourceStore`).
 */
const script = `
cd -- "$1" 2>/dev/null || exit 40
here=$(pwd -P)
printf '%s\\n' "$here"
[ -e .git ] || exit 0
GIT_CEILING_DIRECTORIES=\${here%/*}; export GIT_CEILING_DIRECTORIES
git for-each-ref --format='%(objectname) %(refname)' refs/tags 2>/dev/null || exit 0
echo
git status --porcelain=v2 --branch --no-ahead-behind --no-renames --untracked-files=all -z
`;

const buildFolders = /^(?:src|lib|scripts)\/|^(?:Makefile|[^/]+\.mk)$/;

/** Throws `file/missing`, `source/git-failed`, and what the shell throws. */
export async function readFolderState(
  shell: Shell,
  folder: string,
  signal?: AbortSignal,
): Promise<FolderState> {
  const { exitCode, stdout } = await runScript(shell, script, [folder], {
    env: gitEnvironment,
    signal,
    captureBytes: 8 << 20,
    understood: [40],
    failure: { code: 'source/git-failed', doing: `read ${folder}` },
  });
  if (exitCode === 40) {
    throw new CanopusError('file/missing', `${folder} is no folder on ${shell.label}`, { path: folder });
  }
  return parseFolderState(stdout);
}

/** Reads what the script printed. */
export function parseFolderState(output: string): FolderState {
  const pathEnd = output.indexOf('\n');
  const path = output.slice(0, pathEnd);
  const end = output.indexOf('\n\n') + 1;
  const entries = output.slice(end + 1).split('\0');
  const [, commit] = /^# branch\.oid ([0-9a-f]{40,64})$/.exec(entries[0] ?? '') ?? [];
  if (end === 0 || commit === undefined) return { type: 'plain', path };
  const untracked = entries.filter((entry) => entry.startsWith('? ')).map((entry) => entry.slice(2));
  return {
    type: 'git',
    path,
    commit,
    tagsId: output.slice(pathEnd + 1, end).trim(),
    // Ordinary and unmerged entries; renames were not asked for.
    changed: entries.some((entry) => /^[12u] /.test(entry)),
    untracked: untracked.filter((entry) => buildFolders.test(entry)),
  };
}
