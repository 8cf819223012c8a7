import type { BenchInput } from '../../main/sim/bench-config.ts';
import type { Stage } from './stage.ts';

/** One state of one screen: how to come to it from the scene before. */
export interface Scene {
  /** Of its picture, too. */
  readonly name: string;
  readonly reach: (stage: Stage) => Promise<void>;
}

/** Scenes that follow one another on one station. */
export interface Walk {
  readonly name: string;
  readonly bench: BenchInput;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly scenes: readonly Scene[];
}
