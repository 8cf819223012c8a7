import type { BuildEvent } from '../../app/build/build-event.ts';
import type { FirmwareSource } from '../../app/build/firmware-source.ts';
import type { FirmwareTarget, Recipe } from '../../app/build/recipe.ts';
import type { MachineName } from './build-machines.ts';

/** A request for one image. */
export interface BuildRequest {
  readonly target: FirmwareTarget;
  readonly recipe: Recipe;
  /** For the record only. */
  readonly presetId: string | null;
  readonly source: FirmwareSource;
  readonly on: MachineName;
  /** Build even if the machine's printer is printing. */
  readonly whilePrinting?: boolean;
  /** Default: 15 minutes. */
  readonly timeoutMs?: number;
}

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BuildEvent) => void) | undefined;
}
