import * as z from 'zod/mini';
import { benchRecipeSchema } from '../../../app/bench/bench-recipe.ts';
import {
  benchStateSchema,
  emptyBench,
  outcomeSchema,
  slotStateSchema,
  type BenchState,
} from '../../../app/bench/bench-state.ts';
import { emptySlotMap, slotMapSchema, type SlotMap } from '../../../app/bench/slot-map.ts';
import { withPlaces } from '../../../app/earlier-places.ts';
import { readItems } from '../../files/json-list.ts';
import { JsonStore, type JsonFormat } from '../../files/json-store.ts';
import { withImageParts } from '../kept-images.ts';
import { withKnownCodes } from '../kept-trouble.ts';

/** What a bench keeps across a restart. */
export interface KeptBench {
  readonly map: SlotMap;
  readonly state: BenchState;
}

export type BenchFile = JsonStore<KeptBench>;

const lists = z.object({
  format: z.literal(1),
  map: z.unknown(),
  state: z.looseObject({
    recipes: z.array(z.unknown()),
    slots: z.array(z.unknown()),
    outcomes: z.array(z.unknown()),
  }),
});

const withOldMap = z.looseObject({ map: z.looseObject({ places: z.array(z.unknown()) }) });

const format: JsonFormat<KeptBench> = {
  empty: { map: emptySlotMap, state: emptyBench },
  read(json, setAside) {
    const { map, state } = lists.parse(withSlots(withPlaces(json)));
    const readMap = slotMapSchema.safeParse(map);
    if (!readMap.success) setAside({ map }, z.prettifyError(readMap.error));
    return {
      map: readMap.success ? readMap.data : emptySlotMap,
      state: benchStateSchema.parse({
        ...state,
        recipes: readItems(state.recipes, benchRecipeSchema, setAside, (recipe) =>
          withImageParts(withKnownCodes(recipe)),
        ),
        slots: readItems(state.slots, slotStateSchema, setAside, withKnownCodes),
        outcomes: readItems(state.outcomes, outcomeSchema, setAside, withKnownCodes),
      }),
    };
  },
  write: (kept) => ({ format: 1, ...kept }),
};

/** The map of earlier versions called its slots `places`. */
function withSlots(json: unknown): unknown {
  const old = withOldMap.safeParse(json);
  if (!old.success) return json;
  const { places, ...map } = old.data.map;
  return { ...old.data, map: { ...map, slots: places } };
}

/** Opens the file of a bench; records that this version cannot read are set aside. */
export function openBenchFile(path: string, report: (error: unknown) => void): Promise<BenchFile> {
  return JsonStore.open({ path, format, report });
}
