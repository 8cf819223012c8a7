import { firmwareOf } from '../../../../app/build/recipe.ts';
import type { ImagePart } from '../../../../app/image/image-parts.ts';
import { canbusUuid } from '../../../../app/boards/canbus-uuid.ts';
import type {
  RunView,
  StationEvent,
  StationHandlers,
  StationOutput,
} from '../../../../app/contract/station-contract.ts';
import type { RunFilter } from '../../../../app/history/run-filter.ts';
import { presetNamed, uid } from '../../samples.ts';

const octopus = presetNamed(/Octopus v1/);
const uuid = canbusUuid(uid);
const images = [image('bootloader', 'v0.0.1-110'), image('application', 'v0.13.0-5')];

/** A finished run on the Octopus, by default. */
export function run(changes: Partial<RunView> = {}): RunView {
  return {
    ...{ id: 1, kind: 'flash-board', virtual: false, status: 'done', session: 'today' },
    ...{ startedAt: '2026-05-04T08:00:00.000Z', updatedAt: '2026-05-04T08:00:40.000Z' },
    ...{ endedAt: '2026-05-04T08:00:40.000Z', place: 'usb:1-4.2', slot: 'Left' },
    ...{ presetId: octopus.id, variantId: 'f446', mcu: 'stm32f446xx', bootloader: null },
    ...{
      uid,
      canbusUuid: uuid,
      canbusUuidSource: 'confirmed',
      operator: 'Ada',
      host: 'bench-pc',
      station: '1.2.3',
    },
    ...{ step: 'done', phase: null, state: 'running-bridge', error: null, acknowledgedAt: null },
    phases: [{ step: 'install-katapult', phase: 'erase', durationMs: 812 }],
    images,
    backupId: null,
    crystalHz: null,
    ...changes,
  };
}

function image(part: ImagePart, version: string): RunView['images'][number] {
  const sha256 = (part === 'bootloader' ? 'a' : 'b').repeat(64);
  return {
    ...{
      part,
      result: 'verified',
      name: `${firmwareOf[part]}.bin`,
      sha256,
      size: 4096,
      mcu: 'stm32f446xx',
      version,
    },
    ...{ key: null, origin: 'file', importedFrom: null, build: null },
  };
}

/** A history of so many runs, the last one first, as the station keeps it; what it was asked is kept, too. */
export class HistoryInMemory {
  runs: readonly RunView[];
  readonly asked: { filter: RunFilter; offset: number }[] = [];
  interrupted: readonly RunView[] = [];
  what: StationOutput<'history.what'> = null;
  backups: StationOutput<'backups.list'>['backups'] = [];
  #changed: (() => void) | null = null;
  #changes = 0;

  constructor(runs: readonly RunView[]) {
    this.runs = runs;
  }

  /** Says to who watches that something was written. */
  change(): void {
    this.#changes += 1;
    this.#changed?.();
  }

  get handlers(): Partial<StationHandlers> {
    return {
      'history.page': ({ filter, limit, offset }) => {
        this.asked.push({ filter, offset });
        const fitting = this.runs.filter(
          ({ uid: chip, status }) =>
            (filter.status === undefined || filter.status === status) &&
            (filter.text === undefined || chip?.includes(filter.text)),
        );
        const total = offset === 0 ? fitting.length : null;
        return Promise.resolve({ runs: fitting.slice(offset, offset + limit), total });
      },
      'history.get': ({ id }) => Promise.resolve(this.runs.find((each) => each.id === id)!),
      'history.interrupted': () => Promise.resolve(this.interrupted),
      'history.acknowledge': ({ id }) => {
        this.interrupted = this.interrupted.filter((each) => each.id !== id);
        return Promise.resolve(null);
      },
      'history.choices': () =>
        Promise.resolve({ operators: ['Ada', 'Grace'], presetIds: [], slots: ['Left', 'Right'], images: [] }),
      'history.what': () => Promise.resolve(this.what),
      'backups.list': () => Promise.resolve({ backups: this.backups, damaged: [], folder: '/b' }),
      'history.watch': (_, { signal }) => this.#watch(signal),
    };
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<StationEvent<'history.watch'>> {
    for (let told = -1; !signal.aborted;) {
      if (told === this.#changes) {
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      told = this.#changes;
      yield { changes: told, session: 'today' };
    }
  }
}

/** Runs with chips of their own, the last one first. */
export function manyRuns(count: number): RunView[] {
  return Array.from({ length: count }, (_, index) => {
    const id = count - index;
    const chip = id.toString(16).toUpperCase().padStart(24, '0');
    // Not the UUID that belongs to the chip: to make a hundred thousand of those takes a while.
    return run({ id, uid: chip, canbusUuid: chip.slice(12).toLowerCase() });
  });
}
