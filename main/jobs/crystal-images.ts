import type { BuildEvent } from '../../app/build/build-event.ts';
import type { ImagePart } from '../../app/image/image-parts.ts';
import type { LoadedImage } from './board-images.ts';

export interface CrystalImageOptions {
  readonly signal?: AbortSignal | undefined;
  /** The progress if an image is built first. */
  readonly onEvent?: ((event: BuildEvent) => void) | undefined;
}

/** The images of one board for another crystal: from the cache, or built now. */
export interface CrystalImages {
  /** The crystals with a Katapult, or a way to get one, in the order in which they are tried. */
  readonly crystalsHz: readonly number[];
  /** Why no image is available for a crystal, as a sentence; null if one is. */
  readonly obstacle: string | null;
  /** Equal to the ordered image except for the crystal. Throws `rescue/no-image` if there is none, and as builds do. */
  get(part: ImagePart, crystalHz: number, options?: CrystalImageOptions): Promise<LoadedImage>;
}

/** The search for the crystal of a board that stays silent. */
export interface CrystalSearchOptions {
  readonly images: CrystalImages;
  /** `when-wanted`: it is offered when the board is silent, and begins when `wanted` is aborted. */
  readonly when: 'at-once' | 'when-silent' | 'when-wanted';
  readonly wanted?: AbortSignal | undefined;
  /** Tried before on this board, and silent. */
  readonly silentHz?: readonly number[] | undefined;
}
