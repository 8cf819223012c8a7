import type { BenchRecipe } from '../../../../app/bench/bench-recipe.ts';
import type { MappedSlot } from '../../../../app/bench/slot-map.ts';
import { hazardConfirms } from '../../../../app/boards/hazards.ts';
import type { RunFilter } from '../../../../app/history/run-filter.ts';
import type { PlaceId } from '../../../../app/place.ts';
import type {
  BenchSlotView,
  JobView,
  PresetView,
  StationInput,
} from '../../../../app/contract/station-contract.ts';

/** What a person at the bench has to look at. */
export interface Attention {
  /** Boards whose job waits for a hand. */
  readonly needsYou: number;
  readonly refused: number;
}

export function attentionOf(slots: readonly BenchSlotView[], jobs: readonly JobView[]): Attention {
  return {
    needsYou: jobs.filter(({ ask, endedAt }) => ask !== null && endedAt === null).length,
    refused: slots.filter(({ stage }) => stage === 'refused').length,
  };
}

/** The first slot on the map whose work waits for a hand; null: none. */
export function nextSlot(
  slots: readonly MappedSlot[],
  jobAt: (place: PlaceId) => JobView | null,
): MappedSlot | null {
  const waits = (job: JobView | null): boolean => job !== null && job.ask !== null && job.endedAt === null;
  return slots.find(({ place }) => waits(jobAt(place))) ?? null;
}

/** The runs of a session of the bench; null if there is none. Virtual ones count if all boards are virtual. */
export function sessionRuns(startedAt: string | null, isSimulated: boolean): RunFilter | null {
  return startedAt === null ? null : { since: startedAt, boards: isSimulated ? 'all' : 'real' };
}

/** The order that arms a recipe as it was. `confirmed` stands for the sentences of `confirmsOf`. */
export function armAgain(recipe: BenchRecipe): StationInput<'bench.arm'> {
  const { board, images, modes, target, backup, confirmedCrystalHz, crystalHz } = recipe;
  return {
    board: { ...board },
    images: { ...images },
    modes: [...modes],
    ...{ target, backup, confirmedCrystalHz, crystalHz },
    confirmed: true,
  };
}

/** What a person confirms for a batch of these boards; empty: nothing. */
export function confirmsOf(
  recipe: Pick<BenchRecipe, 'board'>,
  presets: readonly PresetView[],
): readonly string[] {
  const preset = presets.find(({ id }) => id === recipe.board.presetId);
  return preset === undefined ? [] : hazardConfirms(preset);
}
