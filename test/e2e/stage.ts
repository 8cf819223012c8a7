import type { Browser, Locator, Page } from 'playwright-core';
import type { BenchInput } from '../../main/sim/bench-config.ts';
import { texts } from '../../renderer/texts/en.ts';
import { openWindow, type Window } from './browser.ts';
import { Hands } from './hands.ts';
import { ServedStation } from './served-station.ts';

/** A station with virtual boards and one window on it. */
export class Stage implements AsyncDisposable {
  readonly station: ServedStation;
  readonly window: Window;
  readonly page: Page;

  private constructor(station: ServedStation, window: Window) {
    this.station = station;
    this.window = window;
    this.page = window.page;
  }

  static async open(
    browser: Browser,
    bench: BenchInput,
    files: Readonly<Record<string, Uint8Array>> = {},
  ): Promise<Stage> {
    const station = await ServedStation.start(bench, files);
    // Nothing moves, so that every picture of a state is the same.
    const window = await openWindow(browser, await station.link(), { reducedMotion: 'reduce' });
    return new Stage(station, window);
  }

  hands(board: string): Hands {
    return new Hands(this.page, board);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  /** Shows a screen of the sidebar. */
  async show(page: keyof typeof texts.pages): Promise<void> {
    const name = texts.pages[page];
    const navigation = this.page.getByRole('navigation', { name: texts.mainNavigation });
    await navigation.getByRole('link', { name, exact: true }).click();
    await this.heading(name);
  }

  /** Light or dark, painted. */
  async colour(colorScheme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme });
    await this.page.evaluate(
      () => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.window.context.close();
    await this.station[Symbol.asyncDispose]();
  }
}
