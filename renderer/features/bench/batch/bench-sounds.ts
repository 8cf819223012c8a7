import type { BenchSignal } from '../../../../app/bench/bench-state.ts';

/** Frequency in Hz, start and length in seconds. */
type Note = readonly [frequencyHz: number, startS: number, lengthS: number];

/** Distinct by ear across a workshop: rising for good, falling twice for bad, a chord for the end. */
const tunes: Readonly<Record<BenchSignal['kind'], readonly Note[]>> = {
  done: [
    [660, 0, 0.12],
    [880, 0.13, 0.22],
  ],
  failed: [
    [330, 0, 0.25],
    [220, 0.27, 0.4],
    [330, 0.8, 0.25],
    [220, 1.07, 0.4],
  ],
  complete: [
    [523, 0, 0.16],
    [659, 0.16, 0.16],
    [784, 0.32, 0.16],
    [1047, 0.48, 0.6],
  ],
};

const loudness = 0.35;

/** Plays a sound when boards end. A browser allows sound only after a click: call `unlock` there. */
export class BenchSounds {
  #context: AudioContext | null = null;

  unlock(): void {
    this.#context ??= new AudioContext();
    void this.#context.resume();
  }

  play(kind: BenchSignal['kind']): void {
    const context = this.#context;
    if (context === null) return;
    for (const [frequencyHz, startS, lengthS] of tunes[kind]) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      const from = context.currentTime + startS;
      oscillator.type = kind === 'failed' ? 'square' : 'triangle';
      oscillator.frequency.value = frequencyHz;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(loudness, from + 0.015);
      gain.gain.setTargetAtTime(0, from + lengthS - 0.03, 0.02);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(from + lengthS + 0.1);
    }
  }

  close(): void {
    void this.#context?.close();
    this.#context = null;
  }
}
