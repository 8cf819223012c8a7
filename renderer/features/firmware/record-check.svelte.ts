import type { BuildPhase } from '../../../app/build/build-event.ts';
import { exportedRecordSchema, type ExportedRecord } from '../../../app/build/exported-record.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { Asking } from '../../station/asking.svelte.ts';

/** A record with a whole configuration takes some 20 KB. */
const maxRecordBytes = 1 << 20;

export interface RecordVerdict {
  readonly kind: 'identical' | 'different' | 'not-here';
  /** The file, or what else it is called. */
  readonly name: string;
  readonly sha256: string;
  /** What is not as recorded, or why it was not built; a sentence each. */
  readonly sentences: readonly string[];
}

/** The check of one image: built again from its record, and compared. */
export class RecordCheck {
  /** What is being checked. */
  name: string | null = $state(null);
  phase: BuildPhase | null = $state(null);
  verdict: RecordVerdict | null = $state.raw(null);
  readonly asking = new Asking();
  readonly #client: StationClient;
  #stop: AbortController | null = null;

  constructor(client: StationClient) {
    this.#client = client;
  }

  checkFile(file: File): Promise<void> {
    return this.#check(file.name, () => readRecord(file));
  }

  /** An image of the station's cache. */
  checkImage(key: string, name: string): Promise<void> {
    return this.#check(name, () => this.#client.call('images.record', { key }));
  }

  cancel(): void {
    this.#stop?.abort();
  }

  async #check(name: string, read: () => Promise<ExportedRecord>): Promise<void> {
    this.verdict = null;
    this.name = name;
    const stop = new AbortController();
    this.#stop = stop;
    await this.asking.run(async () => {
      try {
        this.verdict = await this.#rebuild(name, await read(), stop.signal);
      } catch (error) {
        if (!isCanopusError(error, 'cancelled')) throw error;
      }
    });
    this.name = null;
    this.phase = null;
  }

  async #rebuild(name: string, record: ExportedRecord, signal: AbortSignal): Promise<RecordVerdict | null> {
    const { sha256 } = record.image;
    let verdict: RecordVerdict | null = null;
    try {
      const events = this.#client.stream('images.rebuild', { record, source: null, on: 'local' }, { signal });
      for await (const event of events) {
        if (event.type === 'phase') this.phase = event.phase;
        else if (event.type === 'result') {
          const kind = event.isIdentical ? 'identical' : 'different';
          verdict = { kind, name, sha256, sentences: event.differences };
        }
      }
    } catch (error) {
      if (!isCanopusError(error, 'image/not-rebuildable')) throw error;
      verdict = { kind: 'not-here', name, sha256, sentences: [error.message] };
    }
    return verdict;
  }
}

async function readRecord(file: File): Promise<ExportedRecord> {
  if (file.size <= maxRecordBytes) {
    const record = exportedRecordSchema.safeParse(parsed(await file.text()));
    if (record.success) return record.data;
  }
  throw new CanopusError('image/no-record', `${file.name} is not the record of an image.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `klipper-v0.13.0-12-gabc-stm32f446xx.json`, of letters that every file system takes. */
export function recordFileName({ target, image, recipe }: ExportedRecord): string {
  const parts = [target, image.version ?? image.sha256.slice(0, 12), recipe.mcu];
  return `${parts.join('-').replace(/[^\w.-]+/g, '_')}.json`;
}
