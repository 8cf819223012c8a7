import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { emptyBench, type BenchState } from '../../../app/bench/bench-state.ts';
import { emptySlotMap, type SlotMap } from '../../../app/bench/slot-map.ts';
import { benchState, slotMap } from '../../../app/contract/entries/bench.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';

/** What a bench keeps over a restart. */
export interface KeptBench {
  readonly map: SlotMap;
  readonly state: BenchState;
}

const format = z.object({ format: z.literal(1), map: slotMap, state: benchState });

/** One file that is written anew when something changed; a change while it is written is written next. */
export class BenchFile {
  readonly #path: string;
  readonly #onUnsaved: (error: unknown) => void;
  #next: KeptBench | null = null;
  #writing: Promise<void> | null = null;

  constructor(path: string, onUnsaved: (error: unknown) => void) {
    this.#path = path;
    this.#onUnsaved = onUnsaved;
  }

  /** What was kept; what this version cannot read is put aside, and the bench begins empty. */
  async read(): Promise<KeptBench> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    const empty: KeptBench = { map: emptySlotMap, state: emptyBench };
    if (text === null) return empty;
    try {
      return format.parse(JSON.parse(text));
    } catch (error) {
      this.#onUnsaved(error);
      await rename(this.#path, `${this.#path}.unreadable`).catch(this.#onUnsaved);
      return empty;
    }
  }

  keep(bench: KeptBench): void {
    this.#next = bench;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything that was to be kept is, or could not be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      while (this.#next !== null) {
        const text = JSON.stringify({ format: 1, ...this.#next });
        this.#next = null;
        await writeFileAtomically(this.#path, Buffer.from(text));
      }
    } catch (error) {
      this.#onUnsaved(error);
    } finally {
      this.#writing = null;
    }
  }
}
