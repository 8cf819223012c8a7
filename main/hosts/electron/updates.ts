import type { StationEvent } from '../../../app/contract/station-contract.ts';
import { LiveValue } from '../../../app/contract/live-value.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { NewerVersion } from '../../../app/updates/judge-manifest.ts';
import type { DownloadOptions } from '../../updates/signed-updates.ts';
import type { PackageStart, PackageStarter } from '../../updates/start-package.ts';
import type { HostLog } from '../host-log.ts';

type UpdateState = StationEvent<'updates.watch'>;

/** Newer versions of this package; see `SignedUpdates` and `packageStarter`. */
export interface UpdateChannel {
  find(signal: AbortSignal): Promise<NewerVersion | null>;
  download(newer: NewerVersion, options: DownloadOptions): Promise<string>;
  requireUnchanged(path: string, newer: NewerVersion): Promise<void>;
  readonly starter: PackageStarter;
}

interface UpdatesOptions {
  /** Opens the channel at first use. */
  readonly open: () => Promise<UpdateChannel>;
  /** Whether the person switched updates on. */
  readonly isWanted: () => boolean;
  readonly isIdle: () => boolean;
  readonly clock: Clock;
  readonly log: HostLog;
}

/** What was downloaded. */
interface Ready {
  readonly channel: UpdateChannel;
  readonly newer: NewerVersion;
  readonly path: string;
}

const betweenChecksMs = 24 * 3600 * 1000;

const off: UpdateState = { phase: 'off', version: null, percent: null, message: null, way: null };

/**
 * Newer versions: checked if the person wants that, downloaded only while no work is running, and put in place when
 * asked. Work that begins during a download ends that.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #live = new LiveValue(off);
  #channel: Promise<UpdateChannel> | null = null;
  #wanted: AbortController | null = null;
  #newer: NewerVersion | null = null;
  #ready: Ready | null = null;
  #isBusy = false;

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
      this.#wanted?.abort();
      this.#wanted = null;
      this.#newer = null;
      this.#ready = null;
      this.#live.set(off);
    } else if (this.#wanted === null) {
      this.#wanted = new AbortController();
      void this.#checkDaily(this.#wanted.signal);
    } else if (this.state.phase === 'waiting') {
      await this.#work(() => this.#fetch());
    }
  }

  async check(): Promise<void> {
    if (!this.#options.isWanted() || this.#ready !== null) return;
    await this.#work(async (signal) => {
      this.#live.set({ ...off, phase: 'checking' });
      const channel = await this.#opened();
      this.#newer = await channel.find(signal);
      if (this.#newer === null) this.#live.set({ ...off, phase: 'idle' });
      else await this.#fetch();
    });
  }

  /**
   * Puts the downloaded version in place; `end` ends the station where the program has to end for that. Throws
   * `host/work-running` or `update/…`; then everything stays as it is.
   */
  async install(end: () => Promise<void>): Promise<PackageStart> {
    if (!this.#options.isIdle()) {
      throw new CanopusError(
        'host/work-running',
        'A new version is installed only while no work is running.',
      );
    }
    const ready = this.#ready;
    if (ready === null) throw new CanopusError('usage/invalid', 'There is no new version to install.');
    const { channel, newer, path } = ready;
    await channel.requireUnchanged(path, newer);
    if (channel.starter.way === 'restart') await end();
    await channel.starter.start(path);
    return channel.starter.way;
  }

  close(): void {
    this.#wanted?.abort();
  }

  async #checkDaily(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check();
      await this.#options.clock.sleep(betweenChecksMs, signal).catch(() => undefined);
    }
  }

  /** Downloads what was found, or waits for the end of the work. */
  async #fetch(): Promise<void> {
    const newer = this.#newer;
    const wanted = this.#wanted;
    if (newer === null || wanted === null) return;
    const { version } = newer;
    if (!this.#options.isIdle()) {
      this.#live.set({ ...off, phase: 'waiting', version });
      return;
    }
    const work = new AbortController();
    const signal = AbortSignal.any([wanted.signal, work.signal]);
    const onProgress = (percent: number): void => {
      if (!this.#options.isIdle()) work.abort();
      else this.#live.set({ ...off, phase: 'downloading', version, percent });
    };
    onProgress(0);
    const channel = await this.#opened();
    try {
      const path = await channel.download(newer, { signal, onProgress });
      this.#ready = { channel, newer, path };
      this.#live.set({ ...off, phase: 'ready', version, way: channel.starter.way });
    } catch (error) {
      if (!work.signal.aborted) throw error;
      this.#live.set({ ...off, phase: 'waiting', version });
    }
  }

  #opened(): Promise<UpdateChannel> {
    this.#channel ??= this.#options.open();
    return this.#channel;
  }

  /** One thing at a time; what fails is shown and tried again another day. */
  async #work(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const wanted = this.#wanted;
    if (this.#isBusy || wanted === null) return;
    this.#isBusy = true;
    try {
      await work(wanted.signal);
    } catch (error) {
      if (wanted.signal.aborted) return;
      this.#options.log.warn({ err: error }, 'looking for a new version failed');
      this.#newer = null;
      const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      this.#live.set({ ...off, phase: 'failed', message: message.slice(0, 300) });
    } finally {
      this.#isBusy = false;
    }
  }
}
