import { setTimeout as sleep } from 'node:timers/promises';
import type { HostLog } from '../host-log.ts';
import type { DesktopApi, Preventable } from './electron-api.ts';
import { hostTexts } from './host-texts.ts';

interface QuittingOptions {
  readonly api: Pick<DesktopApi, 'app' | 'dialog'>;
  readonly log: HostLog;
  /** How many jobs run. */
  readonly running: () => number;
  /** Ends the work at its next safe point and releases everything. */
  readonly close: () => Promise<void>;
  /** Called when the person keeps the app. */
  readonly onStay: () => void;
  /** How long closing may take before the person is asked. */
  readonly patienceMs: number;
}

/**
 * The way out of the app. Asks while work is running; then the work ends at its next safe point. Where that takes long,
 * and when the person quits once more, it asks whether to wait on: a board that no longer replies must not hold the app
 * for ever, and only a person can decide to cut a write.
 */
export class Quitting {
  readonly #options: QuittingOptions;
  #phase: 'open' | 'asking' | 'closing' | 'closed' = 'open';
  #hurry: () => void = () => undefined;

  constructor(options: QuittingOptions) {
    this.#options = options;
  }

  /** True from the moment that the app began to end. */
  get isEnding(): boolean {
    return this.#phase === 'closing' || this.#phase === 'closed';
  }

  onBeforeQuit(event: Preventable): void {
    if (this.#phase === 'closed') return;
    event.preventDefault();
    if (this.#phase === 'open') void this.#leave();
    else if (this.#phase === 'closing') this.#hurry();
  }

  /** Closes without a first question. Returns false if the person cut it. */
  async close(): Promise<boolean> {
    this.#phase = 'closing';
    const ended = new AbortController();
    const closing = this.#options
      .close()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'the station did not close cleanly'))
      .finally(() => ended.abort());
    const isOver = (): boolean => ended.signal.aborted;
    while (!isOver()) {
      const hurry = new Promise<void>((resolve) => (this.#hurry = resolve));
      const patience = sleep(this.#options.patienceMs, undefined, { signal: ended.signal }).catch(
        () => undefined,
      );
      await Promise.race([closing, patience, hurry]);
      if (!isOver() && (await this.#mayCut(ended.signal))) {
        this.#options.log.error(
          { running: this.#options.running() },
          'quit before the work was at a safe point',
        );
        this.#options.api.app.exit(1);
        return false;
      }
    }
    this.#phase = 'closed';
    return true;
  }

  async #leave(): Promise<void> {
    const running = this.#options.running();
    if (running > 0) {
      this.#phase = 'asking';
      const mayStop = await this.#ask(hostTexts.quit, hostTexts.quit.detail(running)).catch(() => false);
      this.#phase = 'open';
      if (!mayStop) {
        this.#options.onStay();
        return;
      }
    }
    if (await this.close()) this.#options.api.app.quit();
  }

  /** The question goes away when the work ends meanwhile. */
  async #mayCut(ended: AbortSignal): Promise<boolean> {
    const text = hostTexts.stillClosing;
    const cut = await this.#ask(text, text.detail(this.#options.running()), ended).catch(() => false);
    return cut && !ended.aborted;
  }

  async #ask(
    { message, buttons }: { readonly message: string; readonly buttons: readonly string[] },
    detail: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { response } = await this.#options.api.dialog.showMessageBox({
      ...{ type: 'warning', message, detail, buttons: [...buttons], defaultId: 0, cancelId: 0 },
      ...(signal === undefined ? {} : { signal }),
    });
    return response === 1;
  }
}
