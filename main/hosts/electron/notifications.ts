/** The part of Electron's Notification that is used. */
interface Shown {
  on(event: 'click' | 'close', listener: () => void): unknown;
  show(): void;
}

/** Systems keep fewer. */
const maxKept = 50;

/**
 * Shows notifications and keeps each until it is clicked or closed: one that nothing refers to is collected, and its
 * click is lost (electron/electron#12690).
 */
export class Notifications {
  readonly #create: (options: { title: string; body: string }) => Shown;
  readonly #kept = new Set<Shown>();

  constructor(create: (options: { title: string; body: string }) => Shown) {
    this.#create = create;
  }

  get kept(): number {
    return this.#kept.size;
  }

  show(options: { title: string; body: string }, onClick: () => void): void {
    const notification = this.#create(options);
    this.#kept.add(notification);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    notification.on('click', () => {
      this.#kept.delete(notification);
      onClick();
    });
    notification.on('close', () => this.#kept.delete(notification));
    notification.show();
  }
}
