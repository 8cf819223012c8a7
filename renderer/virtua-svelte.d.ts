/**
 * The types of virtua's list for the quick check of components (tsconfig.components.json): the package has them in
 * `.svelte` files, and that check reads those of this project only.
 */
import type { SvelteComponent } from 'svelte';
import type { VListHandle, VListProps } from '../node_modules/virtua/lib/svelte/VList.type.d.ts';

export declare class VList<T> extends SvelteComponent<VListProps<T>> {}
export interface VList<T> extends VListHandle {}
