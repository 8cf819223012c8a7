const key = 'canopus.virtual';

/** Whether the panel with the virtual boards is shown; remembered until the window is closed. */
export class VirtualToggle {
  isOpen = $state(sessionStorage.getItem(key) === 'open');

  set(isOpen: boolean): void {
    this.isOpen = isOpen;
    sessionStorage.setItem(key, isOpen ? 'open' : 'closed');
  }
}
