import type { Router } from '../navigation/router.svelte.ts';
import type { ThemeState } from '../navigation/theme.svelte.ts';
import type { VirtualToggle } from '../navigation/virtual-toggle.svelte.ts';
import type { StationState } from './station.svelte.ts';
import type { Ticker } from './ticker.svelte.ts';

/** What every screen is given; it takes what it needs. What follows the page in the address is `router.argument`. */
export interface ScreenProps {
  readonly station: StationState;
  readonly router: Router;
  readonly theme: ThemeState;
  readonly ticker: Ticker;
  readonly virtual: VirtualToggle;
}
