const key = 'canopus.virtual';

/** Whether the panel of virtual boards is open; remembered until the window closes. */
export class VirtualToggle {
  isOpen = $state(sessionStorage.getItem(key) === 'open');

  set(isOpen: boolean): void {
    this.isOpen = isOpen;
    sessionStorage.setItem(key, isOpen ? 'open' : 'closed');
  }
}
