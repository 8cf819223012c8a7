import type { FirmwareTarget } from '../../app/build/recipe.ts';
import type { BuildMachine } from './build-machine.ts';

/** One state of a source tree, on the machine where it was read. */
export interface SourceSnapshot {
  readonly target: FirmwareTarget;
  /** `packed`: copied from another machine. */
  readonly origin: 'folder' | 'git' | 'packed';
  /** The name for a person: the folder there, or the URL. */
  readonly location: string;
  /** Our folder there that holds its objects and work trees. */
  readonly store: string;
  /** Null for a folder that is not in git. */
  readonly commit: string | null;
  /** The requested ref (`master`), for `git` sources. */
  readonly ref: string | null;
  /** Git's id of the whole content, uncommitted changes included. */
  readonly treeId: string;
  /** The output of `git describe --always --tags --long --dirty`; `?` for a folder that is not in git. */
  readonly version: string;
  /** True if the content differs from the commit, or there is no commit. */
  readonly dirty: boolean;
}

/** Signs of a tree that can be built: what its Makefile makes. Older Katapult is called CanBoot. */
export const makefileMarks: Readonly<Record<FirmwareTarget, string>> = {
  katapult: '(katapult|canboot)\\.elf',
  klipper: 'klipper\\.elf',
};

/** A machine with our mirrors of sources on it. */
export interface MirrorSite {
  readonly machine: BuildMachine;
  /** Snapshots of tags and commits: these always mean the same, as long as the mirrors are there. */
  readonly fixed: Map<string, SourceSnapshot>;
}
