import { placeLabel } from '../../../app/place.ts';
import type { Board } from '../../../app/boards/board.ts';
import { foreignWords } from '../../../app/boards/foreign-device.ts';
import type { BenchCounts, SlotState } from '../../../app/bench/bench-state.ts';
import { slotName, type SlotMap } from '../../../app/bench/slot-map.ts';
import type { JobView } from '../../../app/contract/station-contract.ts';
import { askWords, sightInTerminal, sightWords } from '../../../app/words.ts';
import type { CliIo } from './context.ts';
import type { CliEvent } from './output.ts';

const stageWords = {
  idle: 'nothing to do',
  probing: 'checking the chip',
  asking: 'checking its firmware',
  writing: 'being written',
  done: 'DONE',
  failed: 'FAILED',
  refused: 'REFUSED',
} as const satisfies Record<SlotState['stage'], string>;

/** Shows the events on a bench: a line for everything new about a slot. */
export class BenchPrinter {
  readonly #io: CliIo;
  readonly #bench: { readonly map: SlotMap };
  readonly #told = new Map<string, string>();

  constructor(io: CliIo, bench: { readonly map: SlotMap }) {
    this.#io = io;
    this.#bench = bench;
  }

  board({ place, mode, uid, mcu, access, foreign }: Board): void {
    if (place === null) return;
    const port = placeLabel(place);
    const slot = slotName(this.#bench.map, place);
    if (foreign !== null) {
      const { text } = foreignWords[foreign];
      this.#io.emit({ type: 'foreign', port, kind: foreign, text }, () => `${port}: ${text}`);
      return;
    }
    this.#io.emit({ type: 'board', port, slot, mode, uid, mcu, mayOpen: access.ok }, () =>
      [`${slot}: ${mode}`, mcu, uid, access.ok ? null : 'cannot be opened']
        .filter((part) => part !== null)
        .join(', '),
    );
  }

  slot({ place, stage, why, uid, canbusUuid, recipeId, trouble }: SlotState): void {
    const slot = slotName(this.#bench.map, place);
    const event: CliEvent = {
      type: 'slot',
      port: placeLabel(place),
      slot,
      stage,
      why,
      uid,
      canbusUuid,
      recipeId,
      code: trouble?.code ?? null,
      message: trouble?.message ?? null,
      state: trouble?.state ?? null,
    };
    this.#once(`slot ${place}`, event, () => {
      if (stage === 'idle' && (why === 'empty' || why === 'not-armed')) return null;
      const chip = uid === null ? '' : ` (${uid}${canbusUuid === null ? '' : `, canbus_uuid ${canbusUuid}`})`;
      const reason =
        trouble === null ? (why === null ? '' : `: ${why}`) : `: ${trouble.message} (${trouble.code})`;
      return `${slot}: ${stageWords[stage]}${chip}${reason}`;
    });
  }

  counts(counts: BenchCounts): void {
    this.#once('counts', { type: 'counts', ...counts }, () => null);
    const { done, failed, running, toDo } = counts;
    this.#io.status(
      `${done} done, ${failed} failed, ${running} running${toDo === null ? '' : `, ${toDo} to do`}`,
    );
  }

  /** A person is needed. */
  job({ id, ask, sight, place, endedAt }: JobView): void {
    if (place === null || endedAt !== null) return;
    const slot = slotName(this.#bench.map, place);
    if (sight === null) this.#told.delete(`sight ${id}`);
    else
      this.#once(
        `sight ${id}`,
        { type: 'sight', port: placeLabel(place), slot, ...sight },
        () => `${slot}: ${sightWords[sight.sight](sightInTerminal(place), sight.builtForHz)}`,
      );
    const event: CliEvent = {
      type: 'ask',
      port: placeLabel(place),
      slot,
      ask,
      text: ask === null ? null : askWords[ask].text,
    };
    if (ask === null) this.#told.delete(`job ${id}`);
    else this.#once(`job ${id}`, event, () => `>>> ${slot}: ${askWords[ask].text}`);
  }

  /** The last line is not repeated. */
  #once(about: string, event: CliEvent, describe: () => string | null): void {
    const text = JSON.stringify(event);
    if (this.#told.get(about) === text) return;
    this.#told.set(about, text);
    this.#io.emit(event, describe);
  }
}
