import { CanopusError } from '../../app/errors.ts';
import { shellScript } from '../../app/transport/shell-script.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import { gitEnvironment } from './git-environment.ts';
import folderStateText from './scripts/folder-state.sh?raw';

/** The current state of a user's folder, found without writing to it. */
export type FolderState =
  | { readonly type: 'plain'; readonly path: string }
  | {
      readonly type: 'git';
      /** With links resolved. */
      readonly path: string;
      readonly commit: string;
      /** Changes with every tag; the output of `git describe` depends on commit and tags. */
      readonly tagsId: string;
      /** Whether git considers the tree changed: a tracked file differs. */
      readonly changed: boolean;
      /** Untracked files in the folders that take part in a build. */
      readonly untracked: readonly string[];
    };

const buildFolders = /^(?:src|lib|scripts)\/|^(?:Makefile|[^/]+\.mk)$/;

/** Throws `file/missing`, `source/git-failed`, and what the shell throws. */
export async function readFolderState(
  shell: Shell,
  folder: string,
  signal?: AbortSignal,
): Promise<FolderState> {
  const { exitCode, stdout } = await runScript(shell, shellScript(folderStateText), [folder], {
    env: gitEnvironment,
    signal,
    captureBytes: 8 << 20,
    understood: [40],
    failure: { code: 'source/git-failed', doing: `read ${folder}` },
  });
  if (exitCode === 40) {
    throw new CanopusError('file/missing', `${folder} is not a folder on ${shell.label}`, { path: folder });
  }
  return parseFolderState(stdout);
}

/** Parses the script's output. */
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
    // Ordinary and unmerged entries; renames are not requested.
    changed: entries.some((entry) => /^[12u] /.test(entry)),
    untracked: untracked.filter((entry) => buildFolders.test(entry)),
  };
}
