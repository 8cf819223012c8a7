import type { FirmwareTarget } from '../../app/build/recipe.ts';

/** One state of a source tree, on the machine where it was looked at. */
export interface SourceSnapshot {
  readonly target: FirmwareTarget;
  /** `packed`: brought from another machine. */
  readonly origin: 'folder' | 'git' | 'packed';
  /** As a person knows it: the folder there, or the URL. */
  readonly location: string;
  /** The folder of ours there that holds its objects and work trees. */
  readonly store: string;
  /** Null for a folder that is not in git. */
  readonly commit: string | null;
  /** What was asked for (`master`), for `git` sources. */
  readonly ref: string | null;
  /** Git's id of the whole content, uncommitted changes included. */
  readonly treeId: string;
  /** What `git describe --always --tags --long --dirty` says of it; `?` for a folder that is not in git. */
  readonly version: string;
  /** True where the content is not that of the commit, or there is no commit. */
  readonly dirty: boolean;
}

/** The marks of a tree that can be built: what its Makefile makes. Older Katapult is called CanBoot. */
export const makefileMarks: Readonly<Record<FirmwareTarget, string>> = {
  katapult: '(katapult|canboot)\\.elf',
  klipper: 'klipper\\.elf',
};
