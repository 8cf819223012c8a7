import { itemsOf } from '../../../app/contract/live-table.ts';
import type { JobView } from '../../../app/contract/station-contract.ts';
import type { TableEvent } from '../../../app/contract/live-table.ts';
import { askWords } from '../../../app/words.ts';
import type { DesktopApi, DesktopWindow } from './electron-api.ts';
import { hostTexts } from './host-texts.ts';

interface JobSignsOptions {
  readonly window: () => DesktopWindow | null;
  readonly mayNotify: () => boolean;
  /** Called when the last job has ended. */
  readonly onIdle: () => void;
}

/**
 * Shows the progress of work outside the window: on the taskbar or dock, and as a notification at its end. Keeps a
 * working computer awake.
 */
export class JobSigns {
  readonly #api: Pick<DesktopApi, 'notify' | 'keepAwake'>;
  readonly #options: JobSignsOptions;
  readonly #running = new Map<string, JobView>();
  #letSleep: (() => void) | null = null;

  constructor(api: Pick<DesktopApi, 'notify' | 'keepAwake'>, options: JobSignsOptions) {
    this.#api = api;
    this.#options = options;
  }

  async follow(events: AsyncIterable<TableEvent<JobView>>): Promise<void> {
    for await (const event of events) {
      const jobs = itemsOf(event);
      for (const job of jobs) this.#take(job);
      this.#stayAwake();
      this.#show();
    }
  }

  #stayAwake(): void {
    if (this.#running.size > 0) {
      this.#letSleep ??= this.#api.keepAwake();
    } else if (this.#letSleep !== null) {
      this.#letSleep();
      this.#letSleep = null;
      this.#options.onIdle();
    }
  }

  #take(job: JobView): void {
    const before = this.#running.get(job.id);
    if (job.endedAt === null) {
      this.#running.set(job.id, job);
      if (job.ask !== null && before?.ask !== job.ask) {
        const { title, text: body } = askWords[job.ask];
        this.#tell({ title, body });
      }
    } else if (this.#running.delete(job.id) && job.status !== 'cancelled') {
      this.#tell(job.status === 'done' ? hostTexts.jobDone(job) : hostTexts.jobFailed(job));
    }
  }

  /** A person who looks at the window sees it there. */
  #tell(text: { title: string; body: string }): void {
    const window = this.#options.window();
    if (window === null || window.isDestroyed() || window.isFocused()) return;
    window.flashFrame(true);
    if (!this.#options.mayNotify()) return;
    this.#api.notify(text, () => {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      window.focus();
    });
  }

  #show(): void {
    const window = this.#options.window();
    if (window === null || window.isDestroyed()) return;
    const parts = [...this.#running.values()].map(({ progress }) =>
      progress === null || progress.bytesTotal === 0 ? null : progress.bytesDone / progress.bytesTotal,
    );
    const known = parts.filter((part) => part !== null);
    const average = known.reduce((sum, part) => sum + part, 0) / known.length;
    window.setProgressBar(parts.length === 0 ? -1 : known.length === 0 ? 2 : average);
  }
}
