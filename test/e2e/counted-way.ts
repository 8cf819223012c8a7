import type { Locator, Page } from 'playwright-core';

/** One screen on a person's way, and what it took. */
export interface Stop {
  readonly name: string;
  readonly clicks: number;
  /** Words on it that were on no screen before. */
  readonly words: number;
  readonly fields: number;
  /** Buttons on it that could not be pressed when it was complete. */
  readonly disabled: number;
}

/**
 * Follows a person through the window and counts. What the hands do at a board (the panel of virtual boards) is no part
 * of it, nor are the sidebar and text in closed folds.
 */
export class CountedWay {
  readonly stops: Stop[] = [];
  readonly #page: Page;
  readonly #read = new Set<string>();

  constructor(page: Page) {
    this.#page = page;
  }

  /** A screen that the person has come to, complete as soon as `ready` is visible. */
  async stop(name: string, ready: Locator): Promise<void> {
    await ready.waitFor();
    const shown = await this.#page.evaluate(visibleTexts);
    const texts = shown.texts.filter((text) => !this.#read.has(text));
    for (const text of texts) this.#read.add(text);
    const words = texts.flatMap((text) => text.split(' ')).length;
    this.stops.push({ name, clicks: 0, words, fields: 0, disabled: shown.disabled });
  }

  async click(target: Locator): Promise<void> {
    await target.click();
    this.#add({ clicks: 1 });
  }

  async fill(target: Locator, text: string): Promise<void> {
    await target.fill(text);
    this.#add({ fields: 1 });
  }

  get total(): Stop {
    const sum = (of: (stop: Stop) => number): number => this.stops.reduce((all, stop) => all + of(stop), 0);
    return {
      name: 'total',
      clicks: sum(({ clicks }) => clicks),
      words: sum(({ words }) => words),
      fields: sum(({ fields }) => fields),
      disabled: sum(({ disabled }) => disabled),
    };
  }

  #add({ clicks = 0, fields = 0 }: Partial<Stop>): void {
    const last = this.stops.pop();
    if (last === undefined) throw new Error('no stop before the first click');
    this.stops.push({ ...last, clicks: last.clicks + clicks, fields: last.fields + fields });
  }
}

/** Runs in the page. Numbers are one word each, whatever they are: a clock that goes on is not new text. */
function visibleTexts(): { texts: string[]; disabled: number } {
  const dialog = document.querySelector('dialog[open]');
  const root = dialog ?? document.querySelector('main');
  if (root === null) return { texts: [], disabled: 0 };
  const isVisible = (element: Element): boolean => {
    const { width, height } = element.getBoundingClientRect();
    const isShown = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    return (
      isShown && width > 1 && height > 1 && element.closest('details:not([open]) > :not(summary)') === null
    );
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: string[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = (node.textContent ?? '').replace(/\s+/g, ' ').replace(/\d+/g, '0').trim();
    const holder = node.parentElement;
    if (/[\p{L}\d]/u.test(text) && holder !== null && holder.tagName !== 'OPTION' && isVisible(holder))
      texts.push(text);
  }
  const buttons = [...root.querySelectorAll('button:disabled, input:disabled, select:disabled')];
  return { texts, disabled: buttons.filter(isVisible).length };
}
