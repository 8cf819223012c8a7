import { VirtualToggle } from '../../../../renderer/navigation/virtual-toggle.svelte.ts';

/** The panel of virtual boards is closed. */
export function virtualToggle(): VirtualToggle {
  const toggle = new VirtualToggle();
  toggle.set(false);
  return toggle;
}
