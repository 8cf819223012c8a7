/**
 * The types of virtua's list for the quick check of components (tsconfig.components.json): the package has them in
 * `.svelte` files, and that check reads those of this project only.
 */
import type { SvelteComponent } from 'svelte';
import type { VListHandle, VListProps } from '../node_modules/virtua/lib/svelte/VList.type.d.ts';

export declare const VList: new <T>(options: {
  readonly target: unknown;
  readonly props?: VListProps<T>;
}) => SvelteComponent<VListProps<T>> & VListHandle;
