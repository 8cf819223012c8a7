import type { BenchSignal } from '../../../../app/bench/bench-state.ts';
import { slotName } from '../../../../app/bench/slot-map.ts';
import type { StationState } from '../../../station/station.svelte.ts';
import { texts } from '../../../texts/en.ts';
import { BenchSounds } from './bench-sounds.ts';

/** Signals by sound and notification how boards end, as the settings allow. */
export class BenchNotices {
  readonly #station: StationState;
  readonly #sounds = new BenchSounds();
  #told: number | null = null;

  constructor(station: StationState) {
    this.#station = station;
  }

  /** Call this from a click: a page may play sound and notify only after one. */
  unlock(): void {
    this.#sounds.unlock();
    // A host with its own notifications denies the page's.
    if ('Notification' in window && Notification.permission === 'default')
      void Notification.requestPermission();
  }

  /** The newest signal; those from before the window opened are not repeated. */
  take(signal: BenchSignal | null): void {
    const number = signal?.number ?? 0;
    const before = this.#told;
    this.#told = number;
    if (signal !== null && before !== null && number > before) this.#tell(signal);
  }

  close(): void {
    this.#sounds.close();
  }

  #tell(signal: BenchSignal): void {
    const { settings } = this.#station;
    if (settings.playSounds) this.#sounds.play(signal.kind);
    if (settings.showNotifications) this.#notify(signal);
  }

  #notify({ kind, place }: BenchSignal): void {
    const { session } = this.#station;
    const isSeen = document.visibilityState === 'visible' && document.hasFocus();
    if (kind === 'done' || isSeen || session === null) return;
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    const text =
      kind === 'complete'
        ? texts.batch.notificationComplete(session.counts.done)
        : texts.batch.notificationFailed(slotName(session.map, place));
    new Notification(texts.appName, { body: text, tag: 'canopus-bench' });
  }
}
