import type { LogLevel } from './compiler-line.ts';
import type { FirmwareTarget } from './recipe.ts';

/**
 * What a build is doing, in this order; any may be missing if there is nothing to do. `wait`: another request, here or
 * in another process, builds the same image.
 */
export const buildPhases = [
  'source',
  'toolchain',
  'configure',
  'wait',
  'compile',
  'inspect',
  'store',
] as const;
export type BuildPhase = (typeof buildPhases)[number];

export type BuildEvent =
  | { readonly type: 'phase'; readonly target: FirmwareTarget; readonly phase: BuildPhase }
  | { readonly type: 'log'; readonly target: FirmwareTarget; readonly level: LogLevel; readonly text: string }
  | { readonly type: 'note'; readonly target: FirmwareTarget; readonly text: string }
  | { readonly type: 'cached'; readonly target: FirmwareTarget; readonly key: string };
