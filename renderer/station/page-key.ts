import { pageKeyHash } from '../../app/contract/channel-names.ts';

const name = 'canopus-page-key';

/**
 * Moves the key of this page from its address, where the station's link has put it, to where reloads and other tabs of
 * this station find it, and nothing on another port does. Call before the address is read for anything else.
 */
export function takePageKey(): void {
  if (!location.hash.startsWith(pageKeyHash)) return;
  localStorage.setItem(name, location.hash.slice(pageKeyHash.length));
  history.replaceState(null, '', location.pathname);
}

export function pageKey(): string {
  return localStorage.getItem(name) ?? '';
}
