import type { PlaceId } from '../../../app/place.ts';
import type { Board } from '../../../app/boards/board.ts';
import { benchAfter } from '../../../app/bench/bench.ts';
import type { BenchChoice, BenchEffect, BenchNews } from '../../../app/bench/bench-event.ts';
import type { BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import { emptyBench, type BenchState, type SlotState } from '../../../app/bench/bench-state.ts';
import type { ChipFacts } from '../../../app/chip/chip-facts.ts';
import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import { boardInDfu } from '../../fixtures/boards.ts';

export const f446Facts = chipFacts('stm32f446xx', 512, 'STM32FxSTM32');
export const f407Facts = chipFacts('stm32f407xx', 1024, '207B33A34331');
export const f429Facts = chipFacts('stm32f429xx', 1024, '207B33A34331');

/** What a chip reports in its descriptors. */
export function chipFacts(mcu: McuName, flashKiB: number, serial: string | null): ChipFacts {
  const { romDfu: rom, sectorLayouts } = mcuFacts[mcu];
  return {
    sectors: sectorLayouts(flashKiB)[0] ?? [],
    flashBytes: flashKiB * 1024,
    isWhole: true,
    optionBytes: rom?.optionBytes ?? null,
    otp: rom?.otp ?? null,
    serial,
    uid: null,
    flashSizeKiB: null,
  };
}

export const f446: BenchRecipe = recipe('stm32f446xx', 'STM32F446ZET6');
export const f407: BenchRecipe = recipe('stm32f407xx', 'STM32F407ZGT6', 'STM32F407ZET6');
export const f429: BenchRecipe = recipe('stm32f429xx', 'STM32F429ZGT6');

function recipe(mcu: string, ...markings: readonly string[]): BenchRecipe {
  return {
    id: mcu,
    board: { presetId: 'btt-octopus', variantId: mcu.slice(5, 9) },
    name: `Octopus ${mcu.slice(5, 9).toUpperCase()}`,
    mcu,
    role: 'bridge',
    markings,
    flashBytes: null,
    images: { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) },
    klipper: { version: 'v0.13.0', sha256: 'c'.repeat(64) },
    modes: ['dfu'],
    confirmedCrystalHz: null,
    crystalHz: null,
    backup: false,
    target: null,
    isArmed: true,
  };
}

export const uid = '430014000A50534E4E313120';
export const otherUid = '2C0041000A50534E4E313120';

export function inDfu(place: PlaceId, visit = 1, more: Partial<Board> = {}): Board {
  return boardInDfu(place, { id: `${place}#${visit}`, serial: 'STM32FxSTM32', ...more });
}

export function speaking(place: PlaceId, mode: Board['mode'], chip = uid, more: Partial<Board> = {}): Board {
  return inDfu(place, 0, {
    id: `uid:${chip}`,
    mode,
    serial: chip,
    uid: chip,
    canbusUuid: '0123456789ab',
    mcu: 'stm32f446xx',
    tty: mode === 'katapult' ? '/dev/ttyACM0' : null,
    ...more,
  });
}

/** A bench that gets events one after the other; it scans its ports itself when it wants to. */
export class ToldBench {
  state: BenchState = emptyBench;
  boards: readonly Board[] = [];
  ignoredPlaces: readonly PlaceId[] = [];
  heldPlaces: readonly PlaceId[] = [];
  /** What the last event made it want, except scans. */
  wants: readonly BenchEffect[] = [];
  #nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  #jobs = 0;

  tell(event: BenchChoice | BenchNews): this {
    this.wants = [];
    this.#tell(event);
    return this;
  }

  /** Another thing is plugged in. */
  see(...boards: readonly Board[]): this {
    this.boards = boards;
    return this.tell(this.#boardsNow());
  }

  /** Time that hands need. */
  pass(ms: number): this {
    this.#nowMs += ms;
    return this;
  }

  /** Replies to a probe and starts the resulting job; returns its id. */
  begin(place: PlaceId, facts: ChipFacts = f446Facts): string {
    const { boardId } = this.slot(place);
    this.tell({ type: 'probed', place, boardId: boardId ?? '', facts });
    return this.start(place);
  }

  start(place: PlaceId): string {
    this.#jobs += 1;
    const jobId = `job-${this.#jobs}`;
    this.tell({ type: 'started', place, boardId: this.slot(place).boardId ?? '', jobId });
    return jobId;
  }

  end(jobId: string, status: 'done' | 'failed' | 'cancelled', chip: string | null = uid): this {
    const trouble =
      status === 'done'
        ? null
        : ({ code: 'dfu/verify-mismatch', message: 'a bit is stuck', state: 'dfu-partial' } as const);
    return this.tell({ type: 'job', jobId, status, uid: chip, canbusUuid: null, trouble });
  }

  slot(place: PlaceId): SlotState {
    const slot = this.state.slots.find((each) => each.place === place);
    if (slot === undefined) throw new Error(`there is no slot ${place}`);
    return slot;
  }

  #tell(event: BenchChoice | BenchNews): void {
    const step = benchAfter(this.state, { ...event, at: new Date(this.#nowMs).toISOString() });
    // What is kept in a file must be as good as what is in memory.
    this.state = JSON.parse(JSON.stringify(step.state)) as BenchState;
    this.wants = [...this.wants, ...step.effects.filter(({ type }) => type !== 'look')];
    if (step.effects.some(({ type }) => type === 'look')) this.#tell(this.#boardsNow());
  }

  #boardsNow(): BenchNews {
    const { boards, ignoredPlaces, heldPlaces } = this;
    return { type: 'boards', boards, ignoredPlaces, heldPlaces };
  }
}
