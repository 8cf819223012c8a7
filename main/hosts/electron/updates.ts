import type { StationEvent } from '../../../app/contract/station-contract.ts';
import { LiveValue } from '../../../app/contract/live-value.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { HostLog } from '../host-log.ts';

type UpdateState = StationEvent<'updates.watch'>;

/** The part of electron-updater's AppUpdater that is used. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  checkForUpdates(): Promise<unknown>;
  downloadUpdate(): Promise<unknown>;
  quitAndInstall(): void;
  on(event: 'update-available' | 'update-downloaded', listener: (info: { version: string }) => void): unknown;
  on(event: 'update-not-available', listener: () => void): unknown;
  on(event: 'download-progress', listener: (progress: { percent: number }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface UpdatesOptions {
  /** Loads the updater on first use. */
  readonly load: () => Promise<Updater>;
  /** Whether the person switched updates on. */
  readonly isWanted: () => boolean;
  readonly isIdle: () => boolean;
  readonly clock: Clock;
  readonly log: HostLog;
}

const betweenChecksMs = 24 * 3600 * 1000;

const off: UpdateState = { phase: 'off', version: null, percent: null, message: null };

/** Newer versions: checked if the person wants that, downloaded only while no work is running, installed when asked. */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #live = new LiveValue(off);
  #updater: Updater | null = null;
  #checking: AbortController | null = null;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  get state(): UpdateState {
    return this.#live.current;
  }

  follow(signal: AbortSignal): AsyncGenerator<UpdateState, void, void> {
    return this.#live.follow(signal);
  }

  /** Call at the start, after each change of the settings and each end of a job. */
  async refresh(): Promise<void> {
    if (!this.#options.isWanted()) {
      this.#checking?.abort();
      this.#checking = null;
      this.#set(off);
    } else if (this.#checking === null) {
      this.#checking = new AbortController();
      void this.#checkDaily(this.#checking.signal);
    } else if (this.state.phase === 'waiting') {
      await this.#fetch();
    }
  }

  async check(): Promise<void> {
    const { phase } = this.state;
    if (!this.#options.isWanted() || phase === 'downloading' || phase === 'ready') return;
    await this.#try(async () => {
      this.#set({ ...off, phase: 'checking' });
      await (await this.#loaded()).checkForUpdates();
    });
  }

  /** The caller ends the station first. Throws `host/work-running`. */
  requireReady(): Updater {
    if (!this.#options.isIdle()) {
      throw new CanopusError(
        'host/work-running',
        'A new version is installed only while no work is running.',
      );
    }
    if (this.#updater === null || this.state.phase !== 'ready') {
      throw new CanopusError('usage/invalid', 'There is no new version to install.');
    }
    return this.#updater;
  }

  close(): void {
    this.#checking?.abort();
  }

  async #checkDaily(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check();
      await this.#options.clock.sleep(betweenChecksMs, signal).catch(() => undefined);
    }
  }

  async #fetch(): Promise<void> {
    const { version } = this.state;
    if (!this.#options.isIdle()) {
      this.#set({ ...this.state, phase: 'waiting' });
      return;
    }
    await this.#try(async () => {
      this.#set({ phase: 'downloading', version, percent: 0, message: null });
      await (await this.#loaded()).downloadUpdate();
    });
  }

  async #loaded(): Promise<Updater> {
    if (this.#updater !== null) return this.#updater;
    const updater = (this.#updater = await this.#options.load());
    updater.autoDownload = false;
    updater.autoInstallOnAppQuit = false;
    updater.on('update-available', ({ version }) => {
      this.#set({ phase: 'waiting', version, percent: null, message: null });
      void this.#fetch();
    });
    updater.on('update-not-available', () => this.#set({ ...off, phase: 'idle' }));
    updater.on('download-progress', ({ percent }) =>
      this.#set({ ...this.state, phase: 'downloading', percent: Math.floor(percent) }),
    );
    updater.on('update-downloaded', ({ version }) =>
      this.#set({ phase: 'ready', version, percent: null, message: null }),
    );
    // A failure also rejects the call that started it.
    updater.on('error', () => undefined);
    return updater;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'checking for a new version failed');
      const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      this.#set({ ...off, phase: 'failed', message: message.slice(0, 300) });
    }
  }

  #set(state: UpdateState): void {
    this.#live.set(state);
  }
}
