import type { LogLevel } from './compiler-line.ts';
import type { FirmwareTarget } from './recipe.ts';

/**
 * What a build is busy with, in this order; any may be missing when there is nothing to do for it.
 * `wait`: another request, here or in another process, builds the same image.
 */
export type BuildPhase = 'source' | 'toolchain' | 'configure' | 'wait' | 'compile' | 'inspect' | 'store';

export type BuildEvent =
  | { readonly type: 'phase'; readonly target: FirmwareTarget; readonly phase: BuildPhase }
  | { readonly type: 'log'; readonly target: FirmwareTarget; readonly level: LogLevel; readonly text: string }
  | { readonly type: 'note'; readonly target: FirmwareTarget; readonly text: string }
  | { readonly type: 'cached'; readonly target: FirmwareTarget; readonly key: string };
