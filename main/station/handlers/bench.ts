import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import type { BenchRunner } from '../bench/bench-runner.ts';
import type { SavedRecipes } from '../bench/saved-recipes.ts';

type RecipeHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `recipes.${string}`>>;
type BenchHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `bench.${string}`>>;

/** Serves the entries of the bench. */
export function benchHandlers(bench: BenchRunner): BenchHandlers {
  return {
    'bench.slots': (_, { signal }) => bench.followSlots(signal),
    'bench.session': (_, { signal }) => bench.followSession(signal),
    'bench.arm': (order) => bench.arm(order),
    'bench.check': (order) => bench.check(order),
    'bench.limit': (order, { signal }) => bench.limit(order, signal),
    'bench.outcomes': () => bench.state.outcomes,
    'bench.disarm': ({ recipeId }) => bench.disarm(recipeId),
    'bench.retry': ({ places }) => bench.choose({ type: 'retry', places }),
    'bench.vouch': ({ place, chipMarking }) =>
      bench.choose({ type: 'vouch', place, chipMarking: parseMarking(chipMarking) }),
    'bench.again': ({ place }) => bench.choose({ type: 'again', place }),
    'bench.cancel': ({ places }) => bench.choose({ type: 'cancel', places }),
    'bench.newSession': () => bench.choose({ type: 'new-session' }),
    'bench.arrange': (map) => bench.arrange(map),
    'bench.forgetSlot': ({ place }) => bench.forgetSlot(place),
  };
}

/** Serves the entries of saved recipes. */
export function recipeHandlers(recipes: SavedRecipes, bench: BenchRunner): RecipeHandlers {
  return {
    'recipes.watch': (_, { signal }) => recipes.follow(signal),
    'recipes.save': ({ name, recipeId }) => recipes.save(name, bench.requireRecipe(recipeId)),
    'recipes.rename': ({ id, name }) => recipes.rename(id, name),
    'recipes.remove': ({ id }) => recipes.remove(id),
    'recipes.export': ({ id }) => recipes.export(id),
    'recipes.import': (order) => recipes.import(order),
    'recipes.arm': async ({ id, confirmed }) => bench.arm(await recipes.orderOf(id, confirmed)),
  };
}
