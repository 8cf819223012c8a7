import type { Router } from '../navigation/router.svelte.ts';
import type { ThemeState } from '../navigation/theme.svelte.ts';
import type { VirtualToggle } from '../navigation/virtual-toggle.svelte.ts';
import type { StationState } from './station.svelte.ts';
import type { Ticker } from './ticker.svelte.ts';

/**
 * What every screen gets; it takes what it needs. `router.argument` is what follows the page in the address.
 */
export interface ScreenProps {
  readonly station: StationState;
  readonly router: Router;
  readonly theme: ThemeState;
  readonly ticker: Ticker;
  readonly virtual: VirtualToggle;
}
