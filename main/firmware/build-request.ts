import type { BuildEvent } from '../../app/build/build-event.ts';
import type { FirmwareSource } from '../../app/build/firmware-source.ts';
import type { FirmwareTarget, Recipe } from '../../app/build/recipe.ts';
import type { MachineName } from './build-machines.ts';

/** One image that somebody wants. */
export interface BuildRequest {
  readonly target: FirmwareTarget;
  readonly recipe: Recipe;
  /** For the record only. */
  readonly presetId: string | null;
  readonly source: FirmwareSource;
  readonly on: MachineName;
  /** Build on a machine whose printer prints. */
  readonly whilePrinting?: boolean;
  /** 15 minutes where not given. */
  readonly timeoutMs?: number;
}

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BuildEvent) => void) | undefined;
}
