interface Link extends AsyncDisposable {
  close(): Promise<void>;
}

/** The open links of a computer's devices, to be closed with it. */
export class OpenLinks {
  readonly #links = new Set<Link>();

  /** Keeps a link until it is closed; returns it. */
  keep<Kept extends Link>(link: Kept): Kept {
    this.#links.add(link);
    const close = link.close.bind(link);
    link.close = async () => {
      this.#links.delete(link);
      await close();
    };
    return link;
  }

  /** Resolves when each is closed, also if one does not close cleanly. */
  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#links].map((link) => link.close()));
  }
}
