import type { FirmwareTarget } from '../../app/build/recipe.ts';
import { CanopusError } from '../../app/errors.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import { gitEnvironment } from './git-environment.ts';
import { makefileMarks } from './source-snapshot.ts';

/** What a user's folder is right now. Nothing in it is written to find out. */
export type FolderState =
  | { readonly type: 'plain'; readonly path: string }
  | {
      readonly type: 'git';
      /** With links resolved. */
      readonly path: string;
      readonly commit: string;
      readonly treeId: string;
      /** Changes whenever a tag does; what `git describe` says depends on commit and tags. */
      readonly tagsId: string;
      /** Whether git calls the tree changed: a tracked file differs. */
      readonly changed: boolean;
      /** Files that git does not track, in the folders that take part in a build. */
      readonly untracked: readonly string[];
    };

/**
 * Exit codes of its own: 40 no such folder, 41 no such Makefile. Prints the folder with links resolved, then what git
 * says of it: its top folder, commit and tree (an error says them not), then a line for each tag and an empty one.
 * `status` comes last because its paths may hold anything but a zero byte. As few processes as can be: this is all
 * that stands between a request and an image in the cache.
 */
const script = `
cd -- "$1" 2>/dev/null || exit 40
[ -f src/Kconfig ] && grep -qE "$2" Makefile 2>/dev/null || exit 41
pwd -P
git rev-parse --show-toplevel HEAD 'HEAD^{tree}' 2>/dev/null || exit 0
git for-each-ref --format='%(objectname) %(refname)' refs/tags
echo
git status --porcelain --no-renames --untracked-files=all -z
`;

const buildFolders = /^(?:src|lib|scripts)\/|^(?:Makefile|[^/]+\.mk)$/;

/** Throws `file/missing`, `source/not-firmware`, `source/git-failed`, and what the shell throws. */
export async function readFolderState(
  shell: Shell,
  folder: string,
  target: FirmwareTarget,
  signal?: AbortSignal,
): Promise<FolderState> {
  const { exitCode, stdout } = await runScript(shell, script, [folder, makefileMarks[target]], {
    env: gitEnvironment,
    signal,
    captureBytes: 8 << 20,
    understood: [40, 41],
    failure: { code: 'source/git-failed', doing: `read ${folder}` },
  });
  if (exitCode === 40) {
    throw new CanopusError('file/missing', `${folder} is no folder on ${shell.label}`, { path: folder });
  }
  if (exitCode === 41) {
    const message = `${folder} on ${shell.label} is no ${target} tree: it needs src/Kconfig and a Makefile that makes ${target}`;
    throw new CanopusError('source/not-firmware', message, { path: folder, target });
  }
  return parseFolderState(stdout);
}

/** Reads what the script printed. */
export function parseFolderState(output: string): FolderState {
  const end = output.indexOf('\n\n');
  const [path = '', top, commit = '', treeId = '', ...tags] = output.slice(0, Math.max(0, end)).split('\n');
  if (end < 0 || top !== path || treeId === '') return { type: 'plain', path: output.split('\n')[0] ?? '' };
  const entries = output
    .slice(end + 2)
    .split('\0')
    .filter((entry) => entry !== '');
  const untracked = entries.filter((entry) => entry.startsWith('?? ')).map((entry) => entry.slice(3));
  return {
    type: 'git',
    path,
    commit,
    treeId,
    tagsId: tags.join('\n'),
    changed: untracked.length < entries.length,
    untracked: untracked.filter((entry) => buildFolders.test(entry)),
  };
}
